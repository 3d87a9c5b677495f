"""The policy's table ``[managers]``: to whom people answer, by person or by user group."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.rules.duty.sources import HANDLE, is_group
from bot.rules.policy.reader import Table, WrongValueError
from bot.rules.words import Role

ONE = re.compile(r"[UW][A-Z0-9]{4,}|[^@\s]+@[^@\s]+\.[^@\s]+")
SEVERAL = re.compile(rf"S[A-Z0-9]{{4,}}|{HANDLE.pattern}")
ONE_FORM = "a Slack user id (U…), an email address"
ANY_FORM = f"{ONE_FORM}, a user group (S… or @handle)"
LEADS = (Role.SUPPORT_LEAD, Role.DIRECTOR)  # where the policy names no manager


@dataclass(frozen=True)
class Managers:
    """To whom people answer.

    ``named`` is by reference, as the policy is written: a Slack user id, an address or a user
    group. Once Slack was asked it is by user id (``bot/people/managers.py``), and ``lost`` has the
    references behind which nobody was found, with their manager.
    """

    named: Mapping[str, str]
    lost: Mapping[str, str]

    def of(self, user: str, roles: Mapping[Role, Sequence[str]]) -> str:
        """The user id of a person's manager; "" for none.

        Of a person without one the first support lead, else the first director; none is their own.
        """
        leads = (each for role in LEADS for each in roles.get(role, ()))
        wanted = (self.named.get(user, ""), *leads)
        return next((each for each in wanted if each and each != user), "")


NO_MANAGERS = Managers({}, {})


def read_managers(top: Table) -> Managers:
    """The table as it is written; a policy from before it names none."""
    raw = top.raw.get("managers", {})
    names = [str(name) for name in raw] if isinstance(raw, Mapping) else []
    table, found = top.table("managers", names), dict[str, str]()
    for name in names:
        if not ONE.fullmatch(name) and not SEVERAL.fullmatch(name):
            table.wrong(name, "is nobody", ANY_FORM)
        manager = table.value(name, _one, "")
        if manager == name:
            table.wrong(name, "cannot be their own manager", ONE_FORM)
        found[name] = manager
    # A person's own line goes before that of a group in which they are.
    return Managers(dict(sorted(found.items(), key=lambda each: not is_group(each[0]))), {})


def _one(value: object) -> str:
    """One person by id or address; raises WrongValueError for a group, a list and other values.

    Whether Slack knows the person is asked later, by ``bot/people/managers.py``.
    """
    if not isinstance(value, str) or not ONE.fullmatch(value):
        raise WrongValueError(f"{value!r} is no one person", ONE_FORM)
    return value
