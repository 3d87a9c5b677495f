"""A real mail server for the tests: aiosmtpd, with TLS, AUTH and the failures that servers have."""

import contextlib
import email
import email.policy
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.ports import free_port

# For localhost only, valid until 2126; made for these tests with `openssl req -x509`.
CERTIFICATE = Path(__file__).parent / "localhost.pem"
USER, PASSWORD = "desk", "correct horse"


@dataclass
class Box:
    """What arrived, and what the server does with the next mails."""

    port: int = 0
    raw: list[bytes] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)  # answers to RCPT, one a mail; "": yes
    verdicts: list[str] = field(default_factory=list)  # answers to DATA; "": yes, "drop": silence

    @property
    def mails(self) -> list[EmailMessage]:
        """What arrived, parsed by Python's own library."""
        return [parsed(raw) for raw in self.raw]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the recipient, or answer as told."""
        answer = self.recipients.pop(0) if self.recipients else ""
        if not answer:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail, or answer as told; ``drop`` keeps it and hangs up without a word."""
        verdict = self.verdicts.pop(0) if self.verdicts else ""
        if verdict in ("", "drop"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.raw.append(content)
            self.envelopes.append(envelope)
            self.secured.append(_wire(server).get_extra_info("ssl_object") is not None)
        if verdict == "drop":
            _wire(server).abort()
        return verdict or "250 2.0.0 queued as 4711"


def _wire(server: SMTP) -> Any:
    return server.transport


def parsed(raw: bytes) -> EmailMessage:
    """A mail as Python's own library reads it."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    known = isinstance(data, LoginPassword) and data.login == USER.encode()
    return AuthResult(success=known and data.password == PASSWORD.encode())


@contextlib.contextmanager
def mail_server(tls: str = "none", *, auth: bool = False, port: int = 0) -> Iterator[Box]:
    """A server on 127.0.0.1 while the block runs; ``tls`` as in SMTP_TLS."""
    box = Box()
    context = None
    if tls != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
    options: dict[str, Any] = {"ssl_context": context} if tls == "tls" else {}
    if tls == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if auth:
        options |= {
            "authenticator": _authenticate,
            "auth_required": True,
            "auth_require_tls": tls == "starttls",
        }
    controller = Controller(box, hostname="127.0.0.1", port=port or free_port(), **options)
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()
