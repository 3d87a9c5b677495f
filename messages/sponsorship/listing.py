"""The programme as people read it: the list of accounts, a sponsor's own, the six texts."""

from collections.abc import Iterator, Mapping, Sequence

from bot.rules.facts import AccountFacts
from bot.rules.facts.sponsorship import SponsorshipFacts, SponsorshipPage, TouchFacts
from bot.rules.sponsorship.metrics import ProgrammeFigures
from bot.rules.sponsorship.programme import Programme
from bot.rules.sponsorship.quarters import last_minute
from bot.rules.sponsorship.words import SponsorshipTopic
from bot.rules.states import SponsorshipState
from bot.rules.words import Language
from messages.kit.amounts import format_revenue
from messages.kit.blocks import Block, Message, actions, button, divider, message, section
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import mention_user, on_day, quote_text, slack_date
from messages.kit.template_context import text_chunks
from messages.kit.texts import label, plural, t
from messages.sponsorship.figures import figure_lines
from messages.sponsorship.notice_table import CARRIED, SIGN
from messages.sponsorship.notices import list_topics

S = SponsorshipState


def sponsorship_list(found: SponsorshipPage, language: Language) -> Message:
    """List the accounts of the programme, each with what can be done; or say how one begins."""
    title = t(language, "sponsorship.title")
    head = [f"*{title}*", _standing(found.programme, language)]
    if not found.found:
        key = "none_of" if found.customer else "none" if found.programme.active else "none_yet"
        customer = short_text(found.customer, 100)
        head.append(t(language, f"sponsorship.{key}", customer=customer))
    if found.unread:
        people = ", ".join(mention_user(user) for user in found.unread)
        head.append(t(language, "sponsorship.unread", people=people))
    nominate = button(
        "ask:nominate_sponsorship", t(language, "press.nominate_sponsorship"),
        {"customer": found.customer[:CARRIED]} if found.customer and not found.found else {},
    )  # fmt: skip
    texts = button("show:programme", t(language, "press.programme"), {})
    more = section(plural(language, "sponsorship.more", found.more)) if found.more else None
    return message(
        "\n".join([*head, *(sponsorship_lines(each, language) for each in found.found)]),
        section("\n".join(head)),
        actions(nominate if found.programme.active else None, texts),
        *sponsorship_rows(found.found, language),
        more,
    )


def _standing(programme: Programme, language: Language) -> str:
    """Say whether the programme is active, and else what is missing."""
    if programme.missing:
        missing = list_topics([each.value for each in programme.missing], language)
        return t(language, "sponsorship.inactive", missing=missing)
    if programme.active and programme.signed_at is not None:
        return t(
            language, "sponsorship.is_active", by=mention_user(programme.signed_by),
            at=slack_date(programme.signed_at, language),
        )  # fmt: skip
    return t(language, f"sponsorship.{'changed' if programme.changed_since else 'unsigned'}")


def sponsorship_rows(
    found: Sequence[SponsorshipFacts], language: Language
) -> Iterator[Block | None]:
    """Draw each account with its buttons."""
    for number, each in enumerate(found, start=1):
        yield section(sponsorship_lines(each, language))
        yield actions(
            *(
                button(f"{action}#{number}", t(language, f"press.{text}"), values, style=style)
                for action, text, values, style in _steps(each)
            )
        )


def own_accounts(found: Sequence[SponsorshipFacts], language: Language) -> list[Block | None]:
    """Draw what the reader sponsors, or is asked to, for their Home; nothing without any."""
    if not found:
        return []
    title = section(f"*{t(language, 'sponsorship.mine')}*")
    return [divider(), title, *sponsorship_rows(found, language)]


def sponsorship_lines(each: SponsorshipFacts, language: Language) -> str:
    """Say where an account stands, who has it, what is due, and what the reader may know of it."""
    lines = [f"*{short_text(each.customer, 100)}* · {_state(each, language)}"]
    lines += filter(None, [_people(each, language), _contact(each, language)])
    if each.whole:
        lines.append(_kept(each, language))
    if each.ground:
        lines.append(t(language, f"sponsorship.ground_line.{each.ground}"))
    return "\n".join(lines)


def _state(each: SponsorshipFacts, language: Language) -> str:
    """Say its place on the waiting list, else its state, with review and end once it has an end."""
    if each.state is S.WAITING:
        return t(language, "sponsorship.waits", place=each.place)
    said = label(language, each.state)
    if each.ends_on is None:
        return said
    days = {"ends": on_day(each.ends_on, language)}
    days["review"] = on_day(each.review_on or each.ends_on, language)
    return t(language, "sponsorship.until", state=said, **days)


def _people(each: SponsorshipFacts, language: Language) -> str:
    """Mention the sponsor, the deputy, and who is asked where that is not the sponsor.

    Where there is none of them, a sentence says so.
    """
    said = []
    for name, user in (
        ("sponsor", each.sponsor), ("deputy", each.deputy),
        ("asked", each.offered_to if each.offered_to != each.sponsor else ""),
    ):  # fmt: skip
        if user:
            said.append(t(language, f"sponsorship.who.{name}", user=mention_user(user)))
    return " · ".join(said) or t(language, "sponsorship.who.none")


def _contact(each: SponsorshipFacts, language: Language) -> str:
    """When the next contact is due, whether one is late, and how many were made in time."""
    said = []
    if each.owed and each.owed.due_at:
        key = "late" if each.owed.late else "next"
        at = slack_date(last_minute(each.owed.due_at), language)
        said.append(t(language, f"sponsorship.contact.{key}", at=at))
    if each.adherence.due:
        facts = {"made": each.adherence.made, "due": each.adherence.due}
        said.append(t(language, "sponsorship.contact.made", **facts))
    return " · ".join(said)


def _kept(each: SponsorshipFacts, language: Language) -> str:
    """What is kept of an account for those who may read it: score, cases, renewal, revenue."""
    said = [t(language, "sponsorship.kept.score", score=each.score)]
    said.append(plural(language, "sponsorship.kept.cases", each.open_cases))
    if each.renewal:
        day = on_day(each.renewal, language)
        said.append(t(language, "sponsorship.kept.renewal", day=day))
    if each.arr is not None:
        account = AccountFacts(
            each.account_key, each.customer, arr=each.arr, currency=each.currency
        )
        said.append(
            t(language, "sponsorship.kept.revenue", amount=format_revenue(account, language))
        )
    return " · ".join(said)


def _steps(each: SponsorshipFacts) -> Iterator[tuple[str, str, Mapping[str, object], str]]:
    """What can be done with it by its reader: action, text, values, style. Each asks again."""
    about: dict[str, object] = {"membership": each.id}
    if each.asked:
        do = "do" if each.consent_by else "ask"
        yes = about | {"approve": True}
        yield f"{do}:answer_sponsorship", "accept_sponsorship", yes, "primary"
        yield "ask:answer_sponsorship", "refuse_sponsorship", about | {"approve": False}, ""
    if each.state is S.ACTIVE and each.mine and not each.read:
        yield "do:read_sponsor_brief", "read_sponsor_brief", about, "primary"
    if each.state is S.ACTIVE and each.mine:
        yield "show:sponsor_brief", "sponsor_brief", about, ""
    if each.state is S.ACTIVE and each.whole:
        yield "do:send_brief", "send_brief", about, ""
    if each.state is S.ACTIVE and (each.mine or each.leads):
        yield "ask:log_touch", "log_touch", about, ""
    if each.state is S.ACTIVE and each.mine and each.owed and each.owed.due_at:
        yield "do:touch_to_calendar", "to_calendar", about, ""
    acts = each.leads or (each.mine and each.state is S.ACTIVE)
    if acts:
        yield "ask:pass_sponsorship", "pass_sponsorship", about, ""
    if each.state is S.ACTIVE and each.ground and acts:
        yield "ask:keep_sponsorship", "keep_sponsorship", about, ""
    if acts:
        yield "ask:end_sponsorship", "end_sponsorship", about, ""


def sponsor_brief(
    each: SponsorshipFacts,
    programme: Programme,
    touches: Sequence[TouchFacts],
    language: Language,
) -> Message:
    """What a sponsor reads: where the account stands, why it is in it, contacts, duties, training.

    ``touches`` are those that took place, the newest first.
    """
    lines = sponsorship_lines(each, language)
    parts = [(t(language, "sponsorship.part.reason"), each.reason)]
    for topic in (SponsorshipTopic.DUTIES, SponsorshipTopic.TRAINING):
        if topic in programme.texts:
            heading = t(language, f"sponsorship.part.{topic}")
            parts.append((heading, programme.texts[topic].body))
    said = [f"{head}\n{quote_text(text)}" for head, text in parts if text]
    if touches:
        heading = t(language, "sponsorship.part.touches")
        said.insert(1, "\n".join([heading, *(_touch(one, language) for one in touches)]))
    chunks = [chunk for part in said for chunk in text_chunks(part)]
    read = [
        button(f"{action}#1", t(language, f"press.{text}"), values, style=style)
        for action, text, values, style in _steps(each)
        if text in ("read_sponsor_brief", "log_touch")
    ]
    return message(
        "\n".join([lines, *chunks]), section(lines), *(section(each) for each in chunks),
        actions(*read),
    )  # fmt: skip


def _touch(touch: TouchFacts, language: Language) -> str:
    """Write a contact that took place: when, how, and what came of it."""
    facts = {
        "at": slack_date(touch.done_at, language) if touch.done_at else "",
        "how": label(language, touch.how) if touch.how else "",
        "by": mention_user(touch.sponsor),
    }
    said = t(language, "sponsorship.contact.line", **facts)
    return f"{said}\n{quote_text(touch.note)}" if touch.note else said


def programme_texts(
    programme: Programme, language: Language, figures: ProgrammeFigures | None = None
) -> Message:
    """Show the six texts, each with the button that changes it, and what is still wanted.

    ``figures`` are for those who lead the programme; they stand below the texts.
    """
    title = f"*{t(language, 'sponsorship.programme_title')}*"
    blocks: list[Block | None] = [
        section(f"{title}\n{_standing(programme, language)}"),
        _sign(programme, language),
    ]
    lines = [title]
    for number, topic in enumerate(SponsorshipTopic, start=1):
        said = "\n".join(_topic(topic, number, programme, language))
        first, *rest = text_chunks(said)
        key = "change_text" if topic in programme.texts else "write_text"
        edit = button(
            f"ask:edit_sponsorship_text#{number}", t(language, f"press.{key}"),
            {"topic": topic.value},
        )  # fmt: skip
        blocks += [section(first, edit), *(section(each) for each in rest)]
        lines.append(said)
    if figures is not None:
        lines.append(figure_lines(figures, language))
        blocks += [divider(), section(lines[-1])]
    return message("\n".join(lines), *blocks)


def _sign(programme: Programme, language: Language) -> Block | None:
    """Draw the button that signs, which asks once more; None while it could not be signed.

    That is while a text is missing, and once the programme is active. It has ``digest``.
    """
    if programme.missing or programme.active:
        return None
    values = {"digest": programme.digest}
    sure = SIGN.sure({}, language) if SIGN.sure else None
    words = t(language, "press.sign_sponsorship")
    return actions(button(SIGN.action, words, values, style="primary", sure=sure))


def _topic(
    topic: SponsorshipTopic, number: int, programme: Programme, language: Language
) -> Iterator[str]:
    """Lines of one of the six texts, who wrote it and when; or that it is missing."""
    yield f"*{number}. {label(language, topic)}*"
    text = programme.texts.get(topic)
    if text is None:
        yield t(language, "sponsorship.text_missing")
        return
    yield quote_text(text.body)
    if text.months:
        months = plural(language, "sponsorship.months", text.months)
        yield t(language, "sponsorship.length", months=months)
    at = slack_date(text.at, language)
    yield t(language, "sponsorship.written", by=mention_user(text.author), at=at)
