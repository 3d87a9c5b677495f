"""A broadcast as people see it before and after it goes out: previews, and what became of each.

Approval and sending are in ``bot/problems/broadcasts.py`` and ``bot/problems/sending.py``. A
``receipt`` here is a customer's line of the broadcast: the text for that customer, and the state of
its delivery. The line of progress is in ``messages/problems/lines.py``.
"""

from typing import Any

from bot.rules.problems.facts import BroadcastFacts
from bot.rules.states import ApprovalState, RecipientState
from bot.rules.words import Language
from messages.kit.blocks import TEXT_MAX, Block, Message, actions, button, message, section
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import escape, mention_user, quote_text, slack_date
from messages.kit.template_context import text_chunks
from messages.kit.texts import label, t
from messages.problems.lines import audience_name, problem_name, progress_line, send_button


def sample_of(customer: str, text: str, language: Language) -> list[str]:
    """Show the message as one customer will see it, in sections of at most 3000 characters."""
    title = t(language, "problem.sample", customer=escape(customer))
    return text_chunks(f"{title}\n{quote_text(text)}")


def broadcast_shown(
    each: BroadcastFacts, title: str, language: Language, at: int = 0, *, known: bool = False
) -> Message:
    """Show a broadcast: one receiver's preview at a time, and what became of all of them.

    ``title`` is the problem's, or that of a ``known`` issue. ``at`` is the preview to show, counted
    from 0; it wraps around, so that any number is valid. Only lines with a customer are previewed:
    one that a restricted case spoke for has none. The button to send is there once the broadcast is
    approved, and counts the receivers who are not left out.
    """
    receipts = [one for one in each.receipts if one.customer]  # those who may be named
    at = at % len(receipts) if receipts else 0
    head = t(
        language, "problem.broadcast_of" if each.promises else "problem.notice_of",
        name=problem_name(each.problem, title, known=known),
        audience=audience_name(each.audience, language), count=each.total,
        until=slack_date(each.next_update_at, language),
    )  # fmt: skip
    lines = [_receipt(one, language) for one in each.receipts]
    blocks: list[Block | None] = [section(f"*{head}*")]
    if each.state == ApprovalState.SENT:
        blocks.append(section(progress_line(each, language)))
    if receipts:
        one = receipts[at]
        blocks += map(section, sample_of(one.customer, one.text, language))
        turning = [
            button(
                f"show:broadcast#{name}",
                t(language, f"problem.button.{name}"),
                {"problem": each.problem, "broadcast": each.id, "at": (at + step) % len(receipts)},
            )
            for name, step in (("previous", -1), ("next", 1))
        ]
        blocks.append(actions(*turning) if len(receipts) > 1 else None)
    blocks += map(section, text_chunks("\n".join(lines)))
    if each.state == ApprovalState.APPROVED:
        blocks.append(actions(send_button(each, language)))
    return message("\n".join([head, *lines])[:TEXT_MAX], *blocks)


def _receipt(one: Any, language: Language) -> str:
    """Write one line: customer, language, case, state, and the reason of a failure.

    A reply is shown in place of the state, and so is a line that waits for a person to send it.
    Without a name it is "a customer". The reason is cut to 120 characters.
    """
    state = "replied" if one.replied else "by_hand" if _by_hand(one) else one.state
    said = t(language, f"problem.receipt.{state}", owner=mention_user(one.owner))
    reason = (
        f": {short_text(one.reason, 120)}" if one.reason and state == RecipientState.FAILED else ""
    )
    spoken = label(language, one.language)
    case = f", ESC-{one.case}" if one.case else ""
    customer = short_text(one.customer, 80) or t(language, "problem.somebody")
    return f"• {customer} ({spoken}{case})  ·  {said}{reason}"


def _by_hand(one: Any) -> bool:
    """True for a line that waits for a person to send it."""
    return bool(one.state == RecipientState.QUEUED and one.route == "hand")
