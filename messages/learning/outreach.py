"""Customers who may meet what others had, as a private answer: found, asked about, answered."""

from bot.rules.learning.outreach import OutreachLine, OutreachPage, OutreachState, RiskAccount
from bot.rules.words import Language
from messages.kit.blocks import Block, Message, actions, button, message, section
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import escape, mention_user, quote_text, slack_date
from messages.kit.template_context import text_chunks
from messages.kit.texts import t

FOUND_SHOWN = 20  # customers who may meet it; how many more there are is counted
WORDS_SHOWN = 2000  # characters of the words for one customer


def outreach_answer(found: OutreachPage, language: Language) -> Message:
    """List who may meet the same, or who was asked to tell whom, each with what can be done.

    Of a case for which it was not asked yet the customers have the way to ask; else each line has
    its answers, and those who lead the way to end it.
    """
    about = f"ESC-{found.case}" if found.case is not None else ""
    key = "title" if found.case is not None else "mine"
    title = t(language, f"outreach.{key}", reference=about)
    none = t(language, f"outreach.{_nothing(found)}") if not found.found and not found.lines else ""
    head = f"*{title}*\n{none}" if none else f"*{title}*"
    blocks: list[Block | None] = [section(head)]
    blocks += _at_risk(found, language)
    for number, line in enumerate(found.lines, start=1):
        blocks += [section(each) for each in _line(line, found, language)]
        blocks.append(actions(*_presses(line, number, language)))
    if found.more:
        blocks.append(section(t(language, "outreach.more", count=found.more)))
    if found.whole and found.running and found.case is not None:
        end = t(language, "press.end_outreach")
        blocks.append(actions(button("ask:end_outreach", end, {"case": found.case})))
    return message(f"{title}: {none}" if none else title, *blocks)


def _nothing(found: OutreachPage) -> str:
    """The name, under ``outreach.``, of the text that says why there is nothing to show.

    A restricted case goes first, then what the viewer may not see, then what the case lacks.
    """
    if found.restricted:
        return "restricted"
    if found.case is None:
        return "none_mine"
    if not found.whole:
        return "none_yours"
    return "none" if found.component else "no_component"


def _at_risk(found: OutreachPage, language: Language) -> list[Block | None]:
    """The customers about whom none was asked yet, with the way to have them told.

    The first ``FOUND_SHOWN``; below them how many more there are, who are asked about as well.
    """
    if not found.found or found.case is None:
        return []
    lines = [_account(each, language) for each in found.found[:FOUND_SHOWN]]
    left = len(found.found) - len(lines)
    if left:
        lines.append(t(language, "outreach.more_found", count=left))
    why = t(language, "outreach.why", component=escape(found.component))
    text = "\n".join([why, *lines])
    tell = t(language, "press.tell_csms")
    ask = button("ask:tell_csms", tell, {"case": found.case}, style="primary")
    return [*(section(each) for each in text_chunks(text)), actions(ask)]


def _account(each: RiskAccount, language: Language) -> str:
    """One customer: what is the same, when they last came with it, who would tell them.

    Tier and region are words of the accounts file, cut to 40 characters and escaped; where neither
    is the same, as the case's own customer has none, the line leaves that out.
    """
    shared = [
        short_text(value, 40)
        for value, same in (
            (each.likeness.tier, each.same_tier), (each.likeness.region, each.same_region),
        )
        if same
    ]  # fmt: skip
    return t(
        language,
        "outreach.account" if shared else "outreach.account_alone",
        customer=short_text(each.name, 80),
        shared=", ".join(shared),
        when=slack_date(each.last, language),
        user=mention_user(each.teller),
    )


def _line(line: OutreachLine, found: OutreachPage, language: Language) -> list[str]:
    """Who is to be told, how that stands, and, while it waits, the words for them."""
    said = t(
        language,
        f"outreach.{line.state.value}",
        customer=short_text(line.customer, 80),
        recipient=short_text(line.recipient, 120) or t(language, "outreach.no_contact"),
        reference=f"ESC-{line.case}",
        component=escape(line.component),
        user=mention_user(line.answered_by or line.teller),
        when=slack_date(line.answered_at, language) if line.answered_at else "",
        why=short_text(line.why, 200),
    )
    if line.state is not OutreachState.WAITING or not line.mine:
        return [said]
    words = text_chunks(quote_text(line.text[:WORDS_SHOWN]))[:1]
    return [said, *words]


def _presses(line: OutreachLine, number: int, language: Language) -> list[Block]:
    """Told, or not needed; of an answer the way to take it back. ``number`` tells rows apart."""
    values: dict[str, object] = {"case": line.case, "outreach": line.id}
    if not line.mine or line.state is OutreachState.ENDED:
        return []
    if line.state is OutreachState.WAITING:
        told, spared = t(language, "press.told_customer"), t(language, "press.spare_customer")
        return [
            button(f"do:told_customer#{number}", told, values, style="primary"),
            button(f"ask:spare_customer#{number}", spared, values),
        ]
    return [button(f"do:reopen_telling#{number}", t(language, "press.reopen_telling"), values)]
