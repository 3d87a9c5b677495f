"""The access review as tests of messages know it: each notice, and the list as it is shown."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from bot.rules.compliance.access import AccessList, Reach, digest_list, make_line, sort_lines
from bot.rules.reports.periods import quarter_of
from bot.rules.words import Language, Role, Standing
from messages.kit.blocks import Message
from messages.reports.access import access_answer, access_notice

AT = datetime(2027, 1, 1, 7, tzinfo=UTC)
REACH = {
    Role.ESCALATION_MANAGER: Reach.UNRESTRICTED, Role.FINANCE_APPROVER: Reach.PART,
    Role.AUDITOR: Reach.EVERYTHING,
}  # fmt: skip


def access_list(count: int, *, signed: bool) -> AccessList:
    """So many people of each kind, one of each kind of standing among those who are named."""
    lines = [
        make_line(
            f"U0{role.value}{n}",
            f"={role.value}",
            Standing.MEMBER,
            {role},
            (n, n % 2),
            reach=REACH[role],
            amounts=True,
        )
        for role in REACH
        for n in range(count)
    ]
    lines += [
        make_line(
            f"U0{each.value}",
            each.value,
            each,
            {Role.AGENT},
            (1, 0),
            reach=Reach.UNRESTRICTED,
            amounts=False,
        )
        for each in Standing
    ]
    public = count % 2 == 1
    said = ("U0MAYA", AT, "0f" * 8) if signed else ("", None, "")
    quarter = quarter_of(date(2026, 11, 1), "Europe/Athens")
    return AccessList(
        1, quarter, sort_lines(lines), public, digest_list(lines, public=public), *said
    )


def said_of_access(language: Language, count: int = 2) -> Iterator[tuple[str, Message]]:
    """Everything that is said of access reviews."""
    about = {"review": 1, "quarter": "2026-Q4", "digest": "0f" * 8}
    for name in ("asked", "unsigned", "signed_noted"):
        yield f"access {name}", access_notice(name, language, about)
    for signed in (False, True):
        found = access_list(count * 7, signed=signed)
        yield "access list", access_answer(found, language, signs=not signed)
