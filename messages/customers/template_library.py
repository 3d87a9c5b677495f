"""The library of approved words as people browse it, and what they hear of their proposals.

Versions come newest first (``bot/customers/library.py``); the one in use is the first that is
approved and not expired on the day. The version that ships has no id: it cannot be withdrawn, and
its approver is a role. ``today`` is a day of the viewer's zone.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bot.rules.facts import CaseFacts, TemplateFacts
from bot.rules.states import ApprovalState
from bot.rules.words import Language, MessageKind, Role
from messages.customers.template_sandbox import diff_bodies
from messages.kit.blocks import (
    TEXT_MAX,
    Block,
    Message,
    actions,
    button,
    context,
    menu_item,
    message,
    overflow,
    section,
)
from messages.kit.mrkdwn import escape, mention_user, on_day, quote_text
from messages.kit.template_context import clip_line, lower_first, text_chunks
from messages.kit.texts import label, t

HISTORY_SHOWN = 8  # versions; older ones stay in the store
DIFFERENCE_MAX = 2400  # characters, so that it fits a section with its fence


def library_message(
    found: Sequence[TemplateFacts], today: date, language: Language, case: int | None = None
) -> Message:
    """List every kind in every language: which version is used, who approved it, until when.

    Proposals that wait for approval come first. ``case`` is the number of the case that a preview
    is filled from; it travels in the buttons.
    """
    title = t(language, "library.title")
    waiting = [each for each in found if each.state == ApprovalState.PROPOSED]
    blocks: list[Block | None] = [section(f"*{title}*\n{t(language, 'library.how')}")]
    lines = [title]
    for number, each in enumerate(waiting, start=1):
        line = _waits(each, language)
        lines.append(line)
        shown = button(f"show:template#w{number}", t(language, "library.open"), _key(each, case))
        blocks.append(section(line, shown))
    for number, kind in enumerate(MessageKind, start=1):
        line = "\n".join(
            _row(kind, spoken, [each for each in found if each.of(kind, spoken)], today, language)
            for spoken in Language
        )
        lines.append(line)
        blocks.append(section(line, _menu(number, kind, case, language)))
    blocks.append(actions(button("ask:propose_template", t(language, "library.propose"), {})))
    return message("\n".join(lines), *blocks)


def _menu(number: int, kind: MessageKind, case: int | None, language: Language) -> Block | None:
    """Offer to open the kind in each language: a menu, as a message has at most 50 blocks."""
    about = {"case": case} if case else {}
    items = [
        menu_item(
            "show:template",
            t(language, "library.open_in", language=_spoken(spoken, language)),
            {"kind": kind.value, "language": spoken.value, **about},
        )
        for spoken in Language
    ]
    return overflow(number, items)


def _key(each: TemplateFacts, case: int | None) -> dict[str, Any]:
    key: dict[str, Any] = {
        "kind": each.kind.value,
        "language": each.language.value,
        "version": each.version,
    }
    return key | ({"case": case} if case else {})


def _waits(each: TemplateFacts, language: Language) -> str:
    return t(
        language, "library.waiting", name=_name(each, language), user=mention_user(each.proposed_by)
    )


def _name(each: TemplateFacts, language: Language) -> str:
    kind, spoken = label(language, each.kind), _spoken(each.language, language)
    return t(language, "library.name", kind=kind, language=spoken, version=each.version)


def _spoken(named: Language, language: Language) -> str:
    """Name a language inside a sentence: English keeps its capital, Greek does not."""
    word = label(language, named)
    return lower_first(word, language) if language.data.lower_names else word


def _row(
    kind: MessageKind,
    spoken: Language,
    found: Sequence[TemplateFacts],
    today: date,
    language: Language,
) -> str:
    """Write what is used of one kind and language, after newer versions that have expired."""
    lines = []
    for each in found:
        standing = each.standing(today)
        if standing == ApprovalState.APPROVED:
            lines.append(used_version(each, language))
            break
        if standing == ApprovalState.EXPIRED:
            lines.append(expired_words(each, language))
    if not any(each.standing(today) == ApprovalState.APPROVED for each in found):
        words = {"kind": label(language, kind), "language": _spoken(spoken, language)}
        lines.append(t(language, "library.none", **words))
    return "\n".join(lines)


def used_version(each: TemplateFacts, language: Language) -> str:
    """Write a version in use: its name, its approver, its last day."""
    by = _approver(each, language)
    until = on_day(each.expires, language)
    return t(language, "library.used", name=_name(each, language), approver=by, until=until)


def expired_words(each: TemplateFacts, language: Language) -> str:
    """Write an approved version that is past its last day."""
    until = on_day(each.expires, language)
    return t(language, "library.expired", name=_name(each, language), until=until)


def _approver(each: TemplateFacts, language: Language) -> str:
    if each.id is None:
        return lower_first(label(language, Role(each.approver or Role.COMMS_APPROVER)), language)
    return mention_user(each.approver or each.proposed_by)


def template_message(
    found: Sequence[TemplateFacts],
    shown: TemplateFacts,
    preview: str,
    today: date,
    language: Language,
    case: CaseFacts | None = None,
) -> Message:
    """Show one version: the words with a case's facts (else as written), its history, what changed.

    ``found`` are all versions of the same kind and language, newest first; ``preview`` is plain
    text. The difference is against the version before, cut at 2400 characters; of the history the
    newest 8 are named. The buttons are those that the state of the version allows.
    """
    name = _name(shown, language)
    standing = t(language, f"library.standing.{shown.standing(today)}")
    title = t(language, "library.one", name=name, standing=standing)
    with_facts = t(language, "library.facts", reference=case.reference) if case else ""
    heading = with_facts or t(language, "library.as_written")
    older = [each for each in found if each.version < shown.version]
    changed = diff_bodies(older[0].body, shown.body)[:DIFFERENCE_MAX] if older else ""
    history = "\n".join(_history(each, today, language) for each in found[:HISTORY_SHOWN])
    blocks: list[Block | None] = [
        section(f"*{title}*"),
        context(heading),
        *map(section, text_chunks(quote_text(preview))),
    ]
    if changed:
        against = t(language, "library.changes", version=older[0].version)
        blocks += [context(against), section(_fenced(changed))]
    blocks += [section(f"*{t(language, 'library.history')}*\n{history}"), _buttons(shown, language)]
    return message("\n".join([title, heading, escape(preview)])[:TEXT_MAX], *blocks)


def _fenced(text: str) -> str:
    """Show text as code; backticks in it become apostrophes, so that it cannot end the fence."""
    return "```\n" + escape(text).replace("```", "'''") + "\n```"


def _history(each: TemplateFacts, today: date, language: Language) -> str:
    """A version in one line: its state, until when it holds, who proposed it and why.

    Of the words that come with the app nobody is named.
    """
    line = t(
        language,
        "library.version",
        version=each.version,
        standing=t(language, f"library.standing.{each.standing(today)}"),
        until=on_day(each.expires, language),
    )
    if each.id is None:
        return line + t(language, "library.shipped")
    line += t(language, "library.by", user=mention_user(each.proposed_by))
    why = each.withdrawn_why or each.remark or each.why
    return line + (t(language, "library.why", why=escape(clip_line(why))) if why else "")


def _buttons(shown: TemplateFacts, language: Language) -> Block | None:
    """What may be done with the version that is shown, by its state."""
    words = {"kind": shown.kind.value, "language": shown.language.value}
    asked = {"template": shown.id}
    return actions(
        *(_answers(asked, language) if shown.state == ApprovalState.PROPOSED else ()),
        button("ask:propose_template", t(language, "library.propose_next"), words),
        button("ask:withdraw_template", t(language, "library.withdraw"), asked)
        if shown.id is not None and shown.state == ApprovalState.APPROVED
        else None,
    )


def _answers(asked: Mapping[str, Any], language: Language) -> tuple[Block, Block]:
    yes, no = t(language, "press.approve"), t(language, "press.return")
    return (
        button("do:answer_template", yes, {**asked, "approve": True}, style="primary"),
        button("ask:answer_template", no, {**asked, "approve": False}),
    )


def library_notice(name: str, language: Language, extra: Mapping[str, Any]) -> Message:
    """Compose what an author or approver hears: proposed, waits, answered, noted, withdrawn.

    ``extra`` is JSON: ``template`` (id), ``kind``, ``language``, ``version``, ``author`` (user id);
    for proposed ``body`` and ``why``; for waits ``people``, ids of those who were asked; for
    answered and noted ``approve``, ``by``, ``remark``; for withdrawn ``by`` and ``remark``, the
    reason. Raises KeyError for another name or a key that is missing.
    """
    facts = {
        "name": t(
            language,
            "library.name",
            kind=label(language, MessageKind(extra["kind"])),
            language=_spoken(Language(extra["language"]), language),
            version=extra["version"],
        ),
        "author": mention_user(str(extra["author"])),
        "by": mention_user(str(extra["by"])) if "by" in extra else "",
        "people": ", ".join(mention_user(str(each)) for each in extra.get("people", ())),
    }
    if name not in NOTICES:
        raise KeyError(name)
    key = f"library.said.{name}"
    if "approve" in extra:
        key += "_yes" if extra["approve"] else "_no"
    said = t(language, key, **facts)
    quoted = [str(extra[each]) for each in ("why", "remark", "body") if extra.get(each)]
    blocks: list[Block | None] = [section(said)]
    for text in quoted:
        blocks += map(section, text_chunks(quote_text(text)))
    if name == "proposed":
        blocks.append(actions(*_answers({"template": extra["template"]}, language)))
    return message("\n".join([said, *map(escape, quoted)])[:TEXT_MAX], *blocks)


NOTICES = frozenset({"proposed", "waits", "answered", "noted", "withdrawn"})
