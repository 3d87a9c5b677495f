"""What Legal is told of: every legal threat, or only what was filed."""

from enum import StrEnum

from bot.rules.policy.reader import Table, one_of


class LegalTell(StrEnum):
    """The values of ``tell`` under ``[legal]``.

    THREATS: every legal threat. FILED: a claim that was filed, a letter of the customer's lawyer, a
    complaint to an authority.
    """

    THREATS = "threats"
    FILED = "filed"


def read_legal(top: Table) -> LegalTell:
    """What Legal is told of; a policy from before that tells them of every threat."""
    table = top.table("legal", ["tell"])
    return table.value("tell", one_of(LegalTell), LegalTell.THREATS)
