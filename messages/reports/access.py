"""Who may know what, in Slack and as rows of a spreadsheet; and what is said of the access review.

Texts: ``access.*``. Of restricted cases there are numbers alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any

from bot.rules.compliance.access import AccessLine, AccessList, Reach
from bot.rules.words import Language
from messages.kit.blocks import Message, actions, ask_first, button, context, message, section
from messages.kit.mrkdwn import mention_user, slack_date
from messages.kit.template_context import text_chunks
from messages.kit.texts import label, plural, t
from messages.reports.rows import write_rows
from messages.reports.writing import name_period, read_quarter

SHOWN = 12  # people in a line of the message; all are in the file


def access_notice(name: str, language: Language, extra: Mapping[str, Any]) -> Message:
    """That a review is to be signed (``asked``, ``unsigned``), or is (``signed_noted``).

    ``extra``: ``review`` (id), ``quarter`` (a period's key), of the last ``digest``.
    """
    period = name_period(read_quarter(str(extra["quarter"])), language)
    said = t(language, f"access.{name}", period=period, digest=str(extra.get("digest", "")))
    about = {"review": extra["review"]}
    show = button("show:access_review", t(language, "access.show"), about)
    return message(said, section(said), actions(show) if name != "signed_noted" else None)


def access_answer(found: AccessList, language: Language, *, signs: bool) -> Message:
    """The list in groups, those first who should not stand in the policy any more.

    ``signs``: the reader may sign it, where none has.
    """
    lines = [f"*{t(language, 'access.title', period=name_period(found.period, language))}*"]
    if found.signed_at is not None:
        lines.append(
            t(language, "access.signed", user=mention_user(found.signed_by),
              at=slack_date(found.signed_at, language), digest=found.signed_digest)
        )  # fmt: skip
    lines += [
        t(language, "access.gone", people=_people([each], language),
          standing=t(language, f"access.standing.{each.standing.value}"))
        for each in found.gone
    ]  # fmt: skip
    there = [each for each in found.lines if not each.gone]
    if found.public:
        lines.append(t(language, "access.everybody"))
    groups: Sequence[tuple[str, list[AccessLine]]] = (
        ("everything", [each for each in there if each.reach is Reach.EVERYTHING]),
        ("unrestricted", [each for each in there if each.reach is Reach.UNRESTRICTED]),
        ("amounts", [each for each in there if each.amounts]),
        ("part", [each for each in there if each.reach is Reach.PART]),
        ("restricted", [each for each in there if each.restricted]),
    )
    for group, people in groups:
        counted = group == "restricted"
        if people:
            said = _people(people, language, counted=counted)
            lines.append(t(language, f"access.{group}", count=len(people), people=said))
    text = "\n".join(lines)
    about = {"review": found.number} if found.number else {}
    sure = ask_first(
        t(language, "access.sure_title"), t(language, "access.sure"), t(language, "access.sign"),
        t(language, "access.not_yet"),
    )  # fmt: skip
    return message(
        text,
        *(section(piece) for piece in text_chunks(text)),
        actions(
            button("show:access_file", t(language, "access.file"), about),
            button("do:sign_access_review", t(language, "access.sign"),
                   about | {"digest": found.digest}, style="primary", sure=sure)
            if signs and found.number and found.signed_at is None
            else None,
        ),
        context(t(language, "access.how", digest=found.digest)),
    )  # fmt: skip


def _people(people: Sequence[AccessLine], language: Language, *, counted: bool = False) -> str:
    """The first ``SHOWN``, and how many more; ``counted``: each with their restricted cases."""
    said = [
        mention_user(each.user) + (f" ({each.restricted})" if counted else "")
        for each in people[:SHOWN]
    ]
    left = len(people) - len(said)
    return ", ".join(said) + (f" {plural(language, 'access.more', left)}" if left else "")


def access_rows(found: AccessList, language: Language) -> bytes:
    """The whole list as rows of a spreadsheet (``write_rows``).

    The last rows say what it is of and what a signature is for.
    """
    heads = ("name", "id", "standing", "roles", "reads", "amounts", "cases", "restricted_cases")
    return write_rows(
        [
            [t(language, f"access.column.{each}") for each in heads],
            *(_row(line, language) for line in found.lines),
            [],
            *([note] for note in _notes(found, language)),
        ]
    )


def _row(line: AccessLine, language: Language) -> Sequence[object]:
    """The cells of one person, as the columns are named in ``access_rows``."""
    return (
        line.name,
        line.user,
        t(language, f"access.standing.{line.standing.value}"),
        ", ".join(label(language, role) for role in line.roles),
        t(language, f"access.reach.{line.reach.value}"),
        t(language, "access.yes" if line.amounts else "access.no"),
        line.cases,
        line.restricted,
    )


def _notes(found: AccessList, language: Language) -> Iterable[str]:
    """What stands below the rows: the quarter, the digest, what is not in it, who signed."""
    yield t(language, "access.title", period=name_period(found.period, language))
    if found.public:
        yield t(language, "access.everybody_plain")
    yield t(language, "access.digest", digest=found.digest)
    yield t(language, "access.elsewhere")
    if found.signed_at is not None:
        at = f"{found.signed_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        yield t(language, "access.signed_plain", user=found.signed_by, at=at,
                digest=found.signed_digest)  # fmt: skip
