"""What customers were granted, for those who need to know: the list, and one in full."""

from collections.abc import Mapping, Sequence

from bot.rules.facts import CaseFacts, ConcessionPage, ConcessionView, UndoneFulfilmentFacts
from bot.rules.states import UNSETTLED, ConcessionState
from bot.rules.words import Language
from messages.kit.amounts import format_amount, say_amount
from messages.kit.blocks import Block, Message, actions, button, divider, message, section
from messages.kit.mrkdwn import escape, mention_user, quote_text, slack_date
from messages.kit.template_context import clip_line
from messages.kit.texts import label, plural, t

S = ConcessionState


def concession_list(found: ConcessionPage, language: Language) -> Message:
    """List concessions, each with what can be done with it."""
    title = t(language, "concession.title")
    if found.customer:
        title = t(language, "concession.title_of", customer=escape(clip_line(found.customer)))
    if not found.found:
        key = "none_of" if found.customer else "none"
        none = t(language, f"concession.{key}", customer=escape(clip_line(found.customer)))
        return message(f"{title}: {none}", section(f"*{title}*\n{none}"))
    blocks = [section(f"*{title}*"), *concession_rows(found.found, language)]
    if found.more:
        rest = "concession.rest_uncounted" if found.uncounted else "concession.rest"
        blocks.append(section(t(language, rest, count=found.more)))
    return message(title, *blocks)


def concession_rows(found: Sequence[ConcessionView], language: Language) -> list[Block | None]:
    """Draw each concession with its buttons."""
    blocks: list[Block | None] = []
    for number, each in enumerate(found, start=1):
        row = [
            button(f"{action}#{number}", t(language, f"press.{text}"), values, style=style)
            for action, text, values, style in _steps(each)
        ]
        said = concession_lines(each, language) if each.mine else _line(each, language)
        blocks += [section(said), actions(*row), divider()]
    return blocks


def concession_lines(each: ConcessionView, language: Language) -> str:
    """Say all that a decision is on."""
    lines = [_line(each, language), _cause(each, language)]
    if each.why:
        lines.append(quote_text(each.why))
    if each.months:
        had = say_amount(each.had, language)
        lines.append(t(language, "concession.had", months=each.months, amount=had))
    if each.fee:
        lines.append(t(language, "concession.fee", amount=say_amount(each.fee, language)))
    return "\n".join(lines)


def _cause(each: ConcessionView, language: Language) -> str:
    return label(language, each.reason) + t(
        language, "concession.by", user=mention_user(each.author)
    )


def _line(each: ConcessionView, language: Language) -> str:
    """One concession: amount, kind, case, customer, state, when; below it what was undone."""
    customer = f" · {escape(clip_line(each.customer))}" if each.customer else ""
    said = t(
        language,
        "concession.line",
        amount=format_amount(each.brief.amount, each.brief.currency, language),
        kind=label(language, each.brief.kind),
        reference=f"ESC-{each.case_number}",
        customer=customer,
        state=label(language, each.brief.state),
        more=_when(each, language),
    )
    return f"{said}\n{_undone(each.undone, language)}" if each.undone else said


def _undone(undone: UndoneFulfilmentFacts, language: Language) -> str:
    """What was recorded by mistake, and who undid it."""
    return t(
        language,
        "concession.undone",
        recorder=mention_user(undone.recorder),
        evidence=escape(clip_line(undone.evidence)),
        user=mention_user(undone.by),
        why=escape(clip_line(undone.why)),
    )


def _when(each: ConcessionView, language: Language) -> str:
    """Until when, or since when, by the state."""
    state = each.brief.state
    if state in (S.WAITING, S.APPROVED):
        return t(language, "concession.until", when=slack_date(each.brief.ends, language))
    if state is S.PROMISED and each.fulfil_by:
        key = "late" if each.late else "due"
        return t(language, f"concession.{key}", when=slack_date(each.fulfil_by, language))
    at = each.fulfilled_at or each.ended_at
    return t(language, "concession.since", when=slack_date(at, language)) if at else ""


def _steps(each: ConcessionView) -> list[tuple[str, str, Mapping[str, object], str]]:
    """What can be done with it: action, text, values, style. Each asks again who may."""
    values: dict[str, object] = {"case": each.case_number, "concession": each.brief.id}
    judged = values | {"digest": each.digest}
    state = each.brief.state
    if state is S.WAITING and each.mine:
        return [
            ("do:answer_concession", "approve_concession", judged | {"approve": True}, "primary"),
            ("ask:answer_concession", "refuse_concession", judged | {"approve": False}, ""),
        ]
    change: dict[str, object] = {"case": each.case_number, "replaces": each.brief.id}
    if state is S.WAITING:
        return [
            ("ask:request_concession", "change_concession", change, ""),
            ("ask:withdraw_concession", "withdraw_concession", values, ""),
        ]
    if state is S.APPROVED:
        return [
            ("ask:promise_concession", "promise_concession", values, ""),
            ("ask:request_concession", "change_concession", change, ""),
            ("ask:withdraw_concession", "withdraw_concession", values, ""),
        ]
    if state is S.PROMISED:
        return [
            ("ask:fulfil_concession", "fulfil_concession", values, "primary"),
            ("ask:void_concession", "void_concession", values, ""),
        ]
    if state is S.FULFILLED:
        return [("ask:unfulfil_concession", "unfulfil_concession", values, "")]
    return []


def count_concessions(case: CaseFacts, language: Language) -> list[str]:
    """Say how many concessions wait, for what; everybody reads it, so no figure is told."""
    counts = {state: sum(each.state is state for each in case.concessions) for state in UNSETTLED}
    return [
        plural(language, f"card.concession_{state.value}", count)
        for state, count in counts.items()
        if count
    ]
