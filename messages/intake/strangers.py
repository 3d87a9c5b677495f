"""The post about mails to the intake address that may be of no customer, and what is said of them.

Everything in it was written by strangers: it is escaped, and no address in it can be pressed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.rules.words import Language
from messages.kit.blocks import (
    Block,
    Message,
    actions,
    ask_first,
    button,
    context,
    fit_plain,
    message,
    section,
)
from messages.kit.case_lines import short_text
from messages.kit.mail_lines import mail_lines
from messages.kit.mrkdwn import escape, quote_text, slack_date
from messages.kit.template_context import BRIEF_MAX
from messages.kit.texts import plural, t

NAME_MAX = 40  # characters of a customer's name on a button
LINE_MAX = 200  # characters of a sender or a subject

Facts = Mapping[str, Any]


def strangers_message(facts: Facts, language: Language) -> Message:
    """Show the mail that waits longest, and how many wait behind it.

    ``facts`` are those of ``describe_mail`` with ``name``, ``text``, ``doubt``, ``others``,
    ``senders``, ``domain``, ``alike`` and ``accounts``, pairs of key and name; or only ``count``,
    once nothing waits. ``doubt`` is a key of ``mail_doubt``; ``others`` and ``alike`` are numbers,
    ``senders`` addresses. ``name``, ``text`` and ``domain`` may be "".
    """
    if "count" in facts:
        said = plural(language, "request.all_decided", facts["count"])
        return message(said, section(said))
    head = t(language, "request.held")
    parts = [t(language, f"mail_doubt.{facts['doubt']}"), _from(facts, language)]
    below = mail_lines(facts, language)
    behind = _behind(facts, language)
    return message(
        head,
        section(f"📮 *{head}*\n" + "\n".join(parts)),
        section(quote_text(fit_plain(facts["text"], BRIEF_MAX))) if facts["text"] else None,
        section(below) if below else None,
        context(t(language, "request.no_links")),
        section(behind) if behind else None,
        actions(*_buttons(facts, language)),
    )


def _from(facts: Facts, language: Language) -> str:
    """The sender's name and address, and the subject, each cut to ``LINE_MAX``."""
    sender = short_text(facts["sender"], LINE_MAX)
    who = f"{short_text(facts['name'], LINE_MAX)}, {sender}" if facts["name"] else sender
    subject = short_text(facts["subject"], LINE_MAX)
    return t(language, "request.from", sender=who, subject=subject)


def _behind(facts: Facts, language: Language) -> str:
    """How many wait behind this one, and from whom the latest are; "" for none."""
    if not facts["others"]:
        return ""
    senders = ", ".join(short_text(each, LINE_MAX) for each in facts["senders"])
    return plural(language, "request.behind", facts["others"], senders=senders)


def _buttons(facts: Facts, language: Language) -> list[Block | None]:
    """Whom the mail is from: a known account, another, the address alone; or that it is of no use.

    All carry ``mail``, its id. An account's button carries ``account`` too; that which drops all
    later ones of the domain, ``alike``, is there only where others came from it.
    """
    mail = {"mail": facts["mail"]}
    known = [
        button(
            f"do:admit_mail#{number}",
            t(language, "request.press.is_from", customer=fit_plain(name, NAME_MAX)),
            {**mail, "account": key},
            style="primary",
        )
        for number, (key, name) in enumerate(facts["accounts"], start=2)
    ]
    another, choose = t(language, "request.press.another"), t(language, "request.press.choose")
    return [
        *known,
        button("ask:admit_mail", another if known else choose, mail),
        button("do:admit_mail", t(language, "request.press.unknown"), mail),
        button("do:discard_mail", t(language, "request.press.drop"), mail),
        _drop_all(facts, language) if facts["alike"] else None,
    ]


def _drop_all(facts: Facts, language: Language) -> Block:
    """Drop this one and all that came later from its domain; Slack asks first."""
    many = facts["alike"] + 1
    about = {"count": many, "domain": short_text(facts["domain"] or facts["sender"], NAME_MAX)}
    return button(
        "do:discard_mail#2",
        t(language, "request.press.drop_all", **about),
        {"mail": facts["mail"], "alike": True},
        style="danger",
        sure=ask_first(
            t(language, "request.sure.title", **about),
            t(language, "request.sure.text", **about),
            t(language, "request.sure.yes"),
            t(language, "request.sure.no"),
        ),
    )


def request_notice(name: str, language: Language, extra: Facts) -> Message:
    """Say what was decided about a held mail, that an answer did not arrive, where a form is.

    ``admitted``: ``sender``, ``customer``; ``discarded``: ``sender``, ``count``;
    ``answer_failed``: ``candidate``, ``recipient``, ``reason``, ``kind``; ``form_link``:
    ``account``, ``customer``, ``url``, ``until`` (ISO); ``form_revoked``: ``customer``. Raises
    KeyError for another name. ``count`` chooses between singular and plural; all else is escaped,
    and goes into the text by its name.
    """
    if name not in NOTICES:
        raise KeyError(name)
    facts = {key: escape(str(value)) for key, value in extra.items() if key != "count"}
    facts |= {"reference": f"CAN-{extra.get('candidate')}"}
    if "until" in extra:
        facts["until"] = slack_date(datetime.fromisoformat(extra["until"]), language)
    key = f"request.said.{name}"
    count = extra.get("count")
    said = t(language, key, **facts) if count is None else plural(language, key, count, **facts)
    return message(said, section(said), _revoking(name, extra, language))


def _revoking(name: str, extra: Facts, language: Language) -> Block | None:
    """The button below a form's link by which it stops working."""
    if name != "form_link":
        return None
    words = t(language, "request.press.revoke_form")
    return actions(button("do:revoke_form", words, {"account": extra["account"]}))


NOTICES = frozenset({"admitted", "discarded", "answer_failed", "form_link", "form_revoked"})
