"""The test mail of an administrator, and what they are told of it in Slack."""

from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

from bot.rules.setup import TrialEnd
from bot.rules.words import Language
from messages.kit.blocks import Message, actions, button, message, section
from messages.kit.mrkdwn import escape
from messages.kit.texts import t


def compose_trial(
    sender: str, recipient: str, message_id: str, at: datetime, language: Language
) -> EmailMessage:
    """Compose the mail. ``recipient`` is not empty. Raises ValueError for an address that is
    none.
    """
    name, address = parseaddr(sender)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(name, addr_spec=address)
    mail["To"] = Address(addr_spec=recipient)
    mail["Subject"] = t(language, "setup.mail_subject")
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id
    mail["Content-Language"] = language.value
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(t(language, "setup.mail_body") + "\n", cte="quoted-printable")
    return mail


def setup_notice(name: str, language: Language, extra: Mapping[str, Any]) -> Message:
    """That the mail is on its way (``mail_trying``), or how it ended (``mail_tried``).

    ``extra``: ``address``; of the last ``end``, a ``TrialEnd``, and ``said``, the server's words.
    """
    address = escape(str(extra["address"]))
    if name == "mail_trying":
        words = t(language, "setup.mail_trying", address=address)
        return message(words, section(words))
    end = TrialEnd(extra["end"])
    words = t(language, f"setup.mail_tried.{end.value}", address=address)
    if said := str(extra["said"]).replace("`", " "):
        words = f"{words}\n`{escape(said)}`"
    again = button("do:test_mail", t(language, "setup.test_mail"), {})
    press = None if end is TrialEnd.TAKEN else actions(again)
    return message(words, section(words), press)
