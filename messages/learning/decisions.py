"""The decisions of a case as a private answer."""

from collections.abc import Sequence

from bot.rules.facts import CaseFacts, DecisionFacts
from bot.rules.states import DecisionOutcome
from bot.rules.words import Language
from messages.kit.blocks import Block, Message, actions, button, message, section
from messages.kit.mrkdwn import escape, mention_user, quote_text, slack_date
from messages.kit.texts import label, t

SHOWN = 12  # of the newest; Slack takes fifty blocks


def decisions_answer(
    case: CaseFacts, decisions: Sequence[DecisionFacts], language: Language
) -> Message:
    """List what was decided, oldest first, each with how it came out or the way to say it."""
    title = t(language, "decision.title", reference=case.reference, customer=escape(case.customer))
    press = t(language, "press.record_decision")
    record = actions(button("ask:decide", press, {"case": case.number}))
    if not decisions:
        none = t(language, "decision.none")
        return message(f"{title}: {none}", section(f"*{title}*\n{none}"), record)
    shown = decisions[-SHOWN:]
    left = len(decisions) - len(shown)
    blocks: list[Block | None] = [section(f"*{title}*")]
    if left:
        blocks.append(section(t(language, "decision.earlier", count=left)))
    for number, each in enumerate(shown, start=1):
        blocks.append(section(decision_lines(each, language)))
        blocks.append(actions(*_presses(each, case.number, number, language)))
    return message(title, *blocks, record)


def _presses(each: DecisionFacts, case: int, number: int, language: Language) -> list[Block]:
    """How it came out, or that it was said wrongly; ``number`` tells the rows apart."""
    values: dict[str, object] = {"case": case, "decision": each.id}
    ask = f"ask:judge_decision#{number}"
    if each.outcome is not None:
        return [button(ask, t(language, "press.judge_decision_anew"), values)]
    well = values | {"outcome": DecisionOutcome.WORKED.value}
    return [
        button(f"do:judge_decision#{number}", t(language, "press.decision_worked"), well),
        button(ask, t(language, "press.decision_else"), values),
    ]


def decision_lines(each: DecisionFacts, language: Language) -> str:
    """What was decided, by whom and when; why, what else there was, how it came out."""
    who, when = mention_user(each.decider), slack_date(each.at, language)
    lines = [t(language, "decision.line", user=who, when=when), quote_text(each.words)]
    lines.append(t(language, "decision.why", text=escape(each.why)))
    if each.options:
        lines.append(t(language, "decision.options", text=escape(each.options)))
    if each.outcome is not None:
        said = label(language, each.outcome)
        lines.append(t(language, "decision.outcome", outcome=said, lesson=escape(each.lesson)))
    elif each.ask_at is not None:
        lines.append(t(language, "decision.asked", when=slack_date(each.ask_at, language)))
    return "\n".join(lines)
