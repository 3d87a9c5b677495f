"""What is said when a shift ends: to the one who goes, to the next, and to the lead.

A case is one line made of its facts (``bot.duty.summary``), so it is in the reader's language, and
says nothing that people wrote. Texts are ``shift.*``.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.rules.words import ClockKind, HoldReason, Language, Role, Severity, Status
from messages.kit.blocks import Block, Message, actions, button, message, section
from messages.kit.mrkdwn import escape, mention_user, quote_text, slack_date
from messages.kit.texts import label, plural, t

Row = Mapping[str, Any]
APART_MAX = 15  # cases that have buttons of their own, as a message has at most 50 blocks
LINES_MAX = 40
NUMBERS = ("numbers", "kept")
# What is said of the one who comes next, where there is one, and where there is none.
NEXT = {"ends": ("next", "no_next"), "undecided": ("relieved", "not_relieved")}


def shift_notice(name: str, language: Language, extra: Row) -> Message:
    """Compose ``ends``, ``offered``, ``undecided``, ``still_yours``, ``inherited`` and short ones.

    ``extra``: ``user``, ``by`` and ``owner`` are people, ``until`` and ``at`` ISO 8601, ``note``
    text from people; ``cases`` are rows of ``summary_of``, ``numbers`` and ``kept`` cases,
    ``given`` cases by user, ``left`` a count. Each text takes what it needs.
    """
    head = _head(name, language, extra)
    blocks: list[Block | None] = [section(head)]
    if extra.get("note"):
        blocks.append(section(quote_text(str(extra["note"]))))
    rows: Sequence[Row] = list(extra.get("cases") or ())[:LINES_MAX]
    apart = name == "offered" and len(rows) <= APART_MAX
    for row in rows:
        blocks.append(section(summary_line(row, language)))
        blocks.append(actions(*_answers(row, language)) if apart else None)
    blocks.append(actions(*_presses(name, rows, extra, language)))
    return message("\n".join([head, *(_reference(row) for row in rows)]), *blocks)


def _head(name: str, language: Language, extra: Row) -> str:
    """The sentences above the cases; one that needs a person or a number is left out without it."""
    people = {n: mention_user(str(extra[n])) for n in ("user", "by", "owner") if extra.get(n)}
    times = {n: slack_date(_instant(extra[n]), language) for n in ("until", "at") if extra.get(n)}
    lists = {n: _numbers(extra[n]) for n in NUMBERS if extra.get(n)}
    facts = {**people, **times, **lists}
    count = len(extra.get("cases") or extra.get("numbers") or ())
    kept = name in ("settled", "decided") and extra.get("user") == extra.get("owner")
    said = [*_given(extra, language)]
    if name != "handed_over":
        said = [plural(language, f"shift.said.{name}{'_kept' if kept else ''}", count, **facts)]
    if name in NEXT:
        known, unknown = NEXT[name]
        said.append(t(language, f"shift.{known if 'user' in people else unknown}", **facts))
    if "kept" in lists:
        said.append(t(language, "shift.kept", **facts))
    if extra.get("left"):
        said.append(plural(language, "shift.left", int(extra["left"])))
    return "\n".join(said)


def _given(extra: Row, language: Language) -> Iterator[str]:
    """Yield a sentence for each person who was offered cases."""
    for user, numbers in (extra.get("given") or {}).items():
        yield t(language, "shift.given", user=mention_user(user), numbers=_numbers(numbers))


def _numbers(numbers: Sequence[int]) -> str:
    """Write cases by their references: ``ESC-7, ESC-9``."""
    return ", ".join(f"ESC-{number}" for number in numbers)


def _reference(row: Row) -> str:
    """The reference of a row's case: ``ESC-7``."""
    return f"ESC-{row['case']}"


def _instant(value: Any) -> datetime:
    """The instant itself, or as a row of the outbox has it: in ISO 8601."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def summary_line(row: Row, language: Language) -> str:
    """Say a case in a few lines: which, how grave, promised, due, waited for."""
    customer = escape(row["customer"]) if row["customer"] else t(language, "shift.restricted")
    severity, status = Severity(row["severity"]), Status(row["status"])
    facts = {"severity": label(language, severity), "status": label(language, status)}
    lines = [t(language, "shift.case", reference=_reference(row), customer=customer, **facts)]
    if row["promised"]:
        at = slack_date(_instant(row["promised"]), language)
        lines.append(t(language, "shift.promised", when=at))
    if row["due"]:
        clock = label(language, ClockKind(str(row["clock"]).partition(":")[0]))
        key = "shift.late" if row["late"] else "shift.due"
        at = slack_date(_instant(row["due"]), language)
        lines.append(t(language, key, clock=clock, when=at))
    lines += [_waits(each, language) for each in row["waits"]]
    return "\n".join(lines)


def _waits(each: Mapping[str, str], language: Language) -> str:
    """Say one thing that is waited for."""
    what, user = each["what"], mention_user(each.get("user", ""))
    if what == "hold":
        reason = label(language, HoldReason(each["reason"]))
        until = slack_date(_instant(each["until"]), language)
        return t(language, "shift.waits.hold", reason=reason, until=until)
    if what == "standing":
        said = t(language, f"standing.{each['reason']}")
        return t(language, "shift.waits.standing", said=said, user=user)
    if what == "handover":
        role = label(language, Role(each["reason"]))
        return t(language, "shift.waits.handover", role=role, user=user)
    return t(language, f"shift.waits.{what}", user=user)


def _answers(row: Row, language: Language) -> Iterator[Block]:
    """Yield the buttons that take or refuse one case."""
    for verb, key, accept in (("do", "accept", True), ("ask", "refuse", False)):
        words = t(language, f"shift.press.{key}", reference=_reference(row))
        value = {"case": row["case"], "handover": row["handover"], "accept": accept}
        yield button(f"{verb}:answer_handover#{row['case']}", words, value)


def _presses(
    name: str, rows: Sequence[Row], extra: Row, language: Language
) -> Iterator[Block | None]:
    """Yield the buttons for all cases together."""
    if name in ("ends", "still_yours"):
        words = t(language, "shift.press.hand_over")
        yield button("ask:hand_over_shift", words, {}, style="primary")
    if name == "ends":
        yield button("show:duty", t(language, "duty.press.show"), {})
    if name == "offered" and len(rows) > 1:
        value = {"offers": [row["handover"] for row in rows]}
        words = t(language, "shift.press.accept_all")
        yield button("do:accept_offers", words, value, style="primary")
    if name == "undecided":
        yield from _decisions(rows, extra, language)
    if name == "inherited":
        for row in rows:
            value = {"case": row["case"]}
            yield button(f"show:show#{row['case']}", t(language, "button.show"), value)


def _decisions(rows: Sequence[Row], extra: Row, language: Language) -> Iterator[Block]:
    """Yield what the lead may decide: for all, then for each case."""
    about = {"owner": extra["owner"], "cases": [row["case"] for row in rows]}
    if extra.get("user"):
        words = t(language, "shift.press.give_all")
        yield button("do:settle_shift#1", words, {**about, "to": extra["user"]}, style="primary")
    words = t(language, "shift.press.keep_all")
    yield button("do:settle_shift#2", words, {**about, "to": extra["owner"]})
    for row in rows[:APART_MAX]:
        words = t(language, "shift.press.give_one", reference=_reference(row))
        value = {"case": row["case"], "role": Role.ESCALATION_MANAGER.value}
        yield button(f"ask:assign#{row['case']}", words, value)
