"""How a command ends that could not do what it was asked: one sentence that says what to do.

``say_failure`` knows what an administrator can put right; for any other fault it has no words, and
the fault is raised as it is. What it is given may come from libraries that a command never loaded,
so nothing is imported for a type alone.
"""

import errno
import sys
from collections.abc import Mapping

from storage.away import AwayKind, kind_of_away

# What to do about a database that cannot be used, by why.
STORE: Mapping[AwayKind, str] = {
    AwayKind.LOCKED: "another process is writing to it. Try again; if it stays so, stop the other",
    AwayKind.FULL: "the disk is full. Make room, then try again",
    AwayKind.READ_ONLY: "it cannot be written to. Let the user who runs this write to the file and"
    " its directory",
    AwayKind.UNREADABLE: "its file cannot be opened. Check that the directory exists and that the"
    " user who runs this may read and write in it",
    AwayKind.DAMAGED: "the file is no database, or is damaged. Check DATABASE_URL, or restore a"
    " backup",
    AwayKind.REFUSED: "the server refuses user, password or database. Check DATABASE_URL",
    AwayKind.DESCRIPTORS: "this machine has no file descriptors left. Raise the limit (ulimit -n)",
    AwayKind.BUSY: "it does not answer in time. Try again",
    AwayKind.UNREACHABLE: "the server cannot be reached. Check DATABASE_URL, and that it runs",
}
TAKEN = "is in use by another program. Stop that, or choose another PORT"


class CommandError(Exception):
    """A command cannot do what it was asked; the message says what to do."""


class CannotListenError(Exception):
    """HOST and PORT cannot be listened on; the message says which of them is wrong and why."""

    def __init__(self, host: str, port: int, error: Exception) -> None:
        """Say by ``error.errno`` that PORT is taken or not allowed, else that HOST is wrong."""
        code = getattr(error, "errno", None)
        where, why = f"{host}:{port}", str(getattr(error, "strerror", None) or error)
        told = {
            errno.EADDRINUSE: f"PORT: {where} {TAKEN}",
            errno.EACCES: f"PORT: {where} is not allowed to this user. Choose one above 1023",
        }
        unknown = f"HOST: {host} is no address of this machine ({why}). Use 127.0.0.1 or 0.0.0.0"
        super().__init__(told.get(code or 0, unknown))


def say_failure(fault: BaseException) -> str | None:
    """Return the sentence for a fault that an administrator can put right, else None."""
    name = f"{type(fault).__module__}.{type(fault).__qualname__}"
    if name in SAY_SO_THEMSELVES:
        return str(fault)
    if name in SLACK:
        return _slack(fault)
    if (kind := kind_of_away(fault)) is not None and not _is_plain_file(fault):
        return f"the database cannot be used: {STORE[kind]}"
    if isinstance(fault, OSError) and fault.filename is not None:
        return f"{fault.filename}: {fault.strerror}. Check the path, and that this user may use it"
    return None


# Faults whose message is a sentence for the administrator.
SAY_SO_THEMSELVES = frozenset(
    {
        "bot.people.accounts_csv.BadFileError",
        "bot.rules.languages.LanguageError",
        "bot.rules.policy.load.PolicyError",
        "cli.failures.CannotListenError",
        "cli.failures.CommandError",
        "handlers.socket_mode.credentials.TokenRefusedError",
        "storage.database.DatabaseInUseError",
        "storage.schema.SchemaError",
    }
)
SLACK = frozenset(
    f"messages.clients.slack.{name}"
    for name in ("SlackRefused", "SlackRateLimited", "SlackUnknown")
)
WRONG_TOKEN = ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired")


def _slack(fault: BaseException) -> str:
    """What Slack said, or that it said nothing, and what to do about it."""
    code = str(getattr(fault, "code", ""))
    if code in WRONG_TOKEN:
        return (
            f"SLACK_BOT_TOKEN: Slack refuses this token ({code}). Copy it again from your app's"
            " page at https://api.slack.com/apps; the app must be installed in the workspace."
        )
    if code == "missing_scope":
        needed = getattr(fault, "response", {}).get("needed") or "a scope"
        return (
            f"Slack refuses {getattr(fault, 'method', 'a call')}: the token lacks {needed}. Paste"
            " what `python app.py manifest` prints into your app, and install it again."
        )
    if code:
        return f"Slack refuses {fault}"
    if hasattr(fault, "retry_after"):
        return f"Slack asks to wait ({fault}). Try again then."
    return (
        f"Slack cannot be reached ({fault}). Check SLACK_API_URL and the network, then try again."
    )


def _is_plain_file(fault: BaseException) -> bool:
    """Whether a file that was named to the command is meant, and not the database."""
    return isinstance(fault, OSError) and fault.filename is not None


def print_failure(fault: BaseException) -> bool:
    """Print the sentence for a fault to standard error; False where there is none."""
    told = say_failure(fault)
    if told is None:
        return False
    sys.stderr.write("".join(f"✗ {line}\n" for line in told.splitlines()))
    return True
