"""The severity helper: a first idea from a few plain questions."""

from itertools import chain, combinations

import pytest

from bot.rules.severity import SIGNS, suggest_severity
from bot.rules.words import Severity


@pytest.mark.parametrize(
    ("signs", "severity"),
    [
        ((), None),
        (("business_stopped",), Severity.SEV1),
        (("data_security_legal",), Severity.SEV1),
        (("no_workaround",), Severity.SEV3),
        (("many_users",), Severity.SEV3),
        (("deadline_near",), Severity.SEV3),
        (("no_workaround", "many_users"), Severity.SEV2),
        (("many_users", "deadline_near"), Severity.SEV2),
        (("no_workaround", "many_users", "deadline_near"), Severity.SEV2),
        (("something else",), None),
    ],
)
def test_signs_speak_for_a_severity(signs: tuple[str, ...], severity: Severity | None) -> None:
    assert suggest_severity(signs) == severity


def test_one_more_sign_never_lowers_the_severity() -> None:
    every = chain.from_iterable(combinations(SIGNS, n) for n in range(len(SIGNS)))
    for signs in every:
        for more in SIGNS:
            before, after = suggest_severity(signs), suggest_severity({*signs, more})
            assert after is not None
            assert before is None or after <= before
