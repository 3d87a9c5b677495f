"""A customer's whole mail, with what a notice folds away: quotes, a signature, what was cut.

Also the buttons of notices about a mail, and the facts that such a notice may be given (``MAIL``).
"""

from dataclasses import replace

from bot.rules.customer_addresses import known_address
from bot.rules.facts import CaseFacts, MailFacts
from bot.rules.words import Language
from messages.kit.blocks import Message, context, message, section
from messages.kit.mail_lines import mail_lines
from messages.kit.mrkdwn import escape, slack_date
from messages.kit.notice_spec import ButtonSpec, Facts, take_given
from messages.kit.template_context import BRIEF_MAX, text_chunks
from messages.kit.texts import t


def _folded(facts: Facts) -> bool:
    """Offer the whole mail where its text lacks lines."""
    return bool(facts["it"]["folded"])


def _shortened(facts: Facts) -> bool:
    """Offer it as well where the notice shows the begin of the text alone."""
    return _folded(facts) or len(facts["it"]["text"]) > BRIEF_MAX


def _is_new_contact(facts: Facts) -> bool:
    """Offer to write to the sender from now on: another one of the contact's own domain.

    Not where a check says that the sender is forged, nor in a restricted case's name elsewhere.
    """
    sender, known = facts["it"]["sender"].lower(), facts["case"].contact_email.lower()
    sure = facts["it"].get("doubt", "") not in {"failed", "unread", "sender"}
    return bool(sender and known) and sender != known and sure and known_address(sender, known)


MAKE_CONTACT = ButtonSpec(
    "do:make_contact", "make_contact", take_given("mail"), offered=_is_new_contact
)
RELEASE_MAIL = ButtonSpec("do:release_mail", "release_mail", take_given("mail"))
DROP_MAIL = ButtonSpec("do:drop_mail", "drop_mail", take_given("mail"))
WHOLE_MAIL = ButtonSpec("show:mail", "whole_mail", take_given("mail"), offered=_folded)
SHORTENED_MAIL = replace(WHOLE_MAIL, offered=_shortened)
MAIL: Facts = {"mail": 0, "sender": "", "subject": "", "note": "", "files": (), "folded": 0}


def mail_answer(case: CaseFacts, mail: MailFacts, language: Language) -> Message:
    """Show a mail word for word, quotes included, and what could not be read of it."""
    title = t(
        language, "answer.mail", reference=case.reference, sender=escape(mail.sender),
        at=slack_date(mail.at, language),
    )  # fmt: skip
    subject = t(language, "answer.mail_subject", subject=escape(mail.subject))
    facts = {
        "note": mail.note, "files": mail.files, "sender": mail.sender, "subject": mail.subject,
    }  # fmt: skip
    extras = mail_lines(facts, language)
    said = text_chunks(escape(mail.text))
    blocks = [section(f"*{title}*\n{subject}"), *map(section, said)]
    return message(title, *blocks, *([context(extras)] if extras else []))
