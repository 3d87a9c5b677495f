"""What those who ask for an escalation themselves are told by mail, and what is known of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.rules.words import Language
from messages.kit.mail_lines import name_files
from messages.kit.texts import t


def received_text(reference: str, company: str, language: Language) -> str:
    """Say that their mail is here, under its reference; ``company`` signs, where it has a name."""
    said = t(language, "intake_mail.received", reference=reference)
    return f"{said}\n\n{company}" if company else said


def again_text(reference: str, company: str, language: Language) -> str:
    """Say that what was decided of their request no longer holds; ``company`` signs, if named."""
    said = t(language, "intake_mail.again", reference=reference)
    return f"{said}\n\n{company}" if company else said


def told_subject(reference: str, language: Language) -> str:
    """The subject of a mail about what was decided of a request by the form."""
    return t(language, "mail.subject_request", reference=reference)


def mail_details(
    subject: str, files: Sequence[Mapping[str, Any]], language: Language
) -> dict[str, str]:
    """Name the subject and the attachments of a mail for colleagues; what is empty is left out.

    Attachments are named with their sizes alone: they stay in the mailbox.
    """
    found = {"detail_subject": subject, "detail_files": name_files(files, language)}
    return {t(language, f"intake_mail.{key}"): value for key, value in found.items() if value}


def answer_links(kind: str, url: str, language: Language) -> list[tuple[str, str]]:
    """Return the link below an answer of that kind with its label; none without an address.

    ``kind`` is that of the mail's row; its label is the text ``mail.link.<kind>``.
    """
    return [(t(language, f"mail.link.{kind}"), url)] if url else []


def form_details(impact: str, company: str, language: Language) -> dict[str, str]:
    """Name what the form asks besides the words, for colleagues; what is empty is left out.

    ``impact`` is a value of ``Impact``. The keys are words of ``language``, as are those of
    ``mail_details``: they are stored so with the signal, and shown to all readers alike.
    """
    found = {"impact": t(language, f"page.request_impact_{impact}"), "company": company}
    return {t(language, f"request.detail.{key}"): value for key, value in found.items() if value}
