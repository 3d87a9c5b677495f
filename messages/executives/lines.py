"""What the card and a private answer say of executives: who has the flag, what was talked of."""

from bot.rules.facts import CaseFacts, ContactFacts
from bot.rules.lifecycle import LIVE, fits_status
from bot.rules.words import ActionType, Language, Trigger
from messages.kit.blocks import Block, Message, button, menu_item, message, overflow, section
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import escape, mention_user, on_day, quote_text, slack_date
from messages.kit.texts import t

MENU = 6  # no other menu of the card has it
SHOWN = 8  # talks of one answer, the newest


def executive_section(case: CaseFacts, language: Language) -> Block | None:
    """Say who calls the customer, who has the flag, the last talk, what is to be recorded."""
    lines = [*_call_lines(case, language), *_flag_lines(case, language)]
    lines += _last_contact(case, language)
    if wants_commitments(case):
        lines.append(t(language, "executive.commit"))
    if not lines:
        return None
    return section("\n".join(lines), executive_menu(case, language))


def wants_commitments(case: CaseFacts) -> bool:
    """True for a flagged threat to cancel without a commitment to the customer."""
    flag = case.flagging
    churn = flag is not None and Trigger(flag.trigger) is Trigger.THREAT_TO_CANCEL
    made = any(each.type is ActionType.COMMITMENT for each in case.actions)
    return churn and not made and case.status in LIVE


def _flag_lines(case: CaseFacts, language: Language) -> list[str]:
    """Say who has the flag of a live case, else who was asked last, else that no one was."""
    flag = case.flagging
    if flag is None or case.status not in LIVE:
        return []
    if flag.had_by:
        return [t(language, "executive.had", user=mention_user(flag.had_by))]
    if not flag.asked:
        return [t(language, "executive.waits_nobody")]
    return [t(language, "executive.waits", user=mention_user(flag.asked[-1]))]


def _call_lines(case: CaseFacts, language: Language) -> list[str]:
    """Say that the owner calls the customer about a missed promise, and by when."""
    if case.call is None or case.status not in LIVE:
        return []
    user = mention_user(case.owner)
    if case.call.call_by is None:
        return [t(language, "executive.breach_call", user=user)]
    when = slack_date(case.call.call_by, language)
    return [t(language, "executive.breach_call_by", user=user, when=when)]


def _last_contact(case: CaseFacts, language: Language) -> list[str]:
    """Say which executive spoke last with whom, when, and when they speak next."""
    last = max(case.contacts, key=lambda each: each.at, default=None)
    if last is None:
        return []
    day = on_day(last.next_on, language) if last.next_on else ""
    coming = t(language, "executive.next", day=day) if day else ""
    user, contact = mention_user(last.executive), short_text(last.contact, 80)
    when = slack_date(last.at, language)
    return [t(language, "executive.last", user=user, contact=contact, when=when, next=coming)]


def executive_menu(case: CaseFacts, language: Language) -> Block | None:
    """Offer what executives do here, as far as the status allows it."""
    flag = case.flagging
    waits = flag is not None and flag.had_by is None and not flag.over
    offered = ["do:have_flag"] if waits else []
    offered.append("ask:log_contact")
    offered += ["ask:commit"] if wants_commitments(case) else []
    offered += ["show:contacts"] if case.contacts else []
    about = {"case": case.number}
    talk = {"talk": case.call.id} if case.call else {}
    offered += ["ask:breach_talk"] if talk and case.status in LIVE else []
    items = [
        menu_item(
            action,
            t(language, f"menu.{action.partition(':')[2]}"),
            about | talk if action == "ask:breach_talk" else about,
        )
        for action in offered
        if fits_status(case.status, action.partition(":")[2])
    ]
    return overflow(MENU, items)


def contacts_answer(case: CaseFacts, language: Language) -> Message:
    """List the executives' contacts of a case, the newest first."""
    title = f"*{t(language, 'executive.contacts', reference=case.reference)}*"
    log = button("ask:log_contact", t(language, "button.log_contact"), {"case": case.number})
    if not case.contacts:
        none = t(language, "executive.none")
        return message(f"{title}\n{none}", section(f"{title}\n{none}", log))
    newest = sorted(case.contacts, key=lambda each: each.at, reverse=True)
    blocks = [section(title, log), *(section(_contact(each, language)) for each in newest[:SHOWN])]
    if len(newest) > SHOWN:
        blocks.append(section(t(language, "executive.more", count=len(newest) - SHOWN)))
    return message(title, *blocks)


def _contact(each: ContactFacts, language: Language) -> str:
    """One contact: when, who with whom, how, what was said, what we owe, when they talk next."""
    lines = [
        t(
            language,
            "executive.contact",
            when=slack_date(each.at, language),
            user=mention_user(each.executive),
            contact=escape(each.contact),
            way=t(language, f"contact_way.{each.way}"),
            said=quote_text(short_raw(each.said)),
        )
    ]
    if each.owed:
        lines.append(t(language, "executive.owed", promised=short_text(each.owed)))
    if each.next_on:
        lines.append(t(language, "executive.next_on", day=on_day(each.next_on, language)))
    return "\n".join(lines)


def short_raw(text: str, limit: int = 700) -> str:
    """Cut text from people for a list; markup is escaped where it is quoted."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
