"""A customer's whole mail, with what a notice folds away: quotes, a signature, what was cut."""

from bot.rules.facts import CaseFacts, MailFacts
from bot.rules.words import Language
from messages.kit.blocks import Message, context, message, section
from messages.kit.mail_lines import mail_lines
from messages.kit.mrkdwn import escape, slack_date
from messages.kit.template_context import text_chunks
from messages.kit.texts import t


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
