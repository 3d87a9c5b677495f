"""What is told of a customer's mail besides its words."""

from typing import Any

from storage.models import Mail


def describe_mail(mail: Mail) -> dict[str, Any]:
    """Return the facts of a notice about a mail, as JSON.

    ``mail`` is its id; ``sender`` and ``subject`` are the stranger's own words; ``note`` says why
    words are missing (``partly``, ``unreadable``, ``encrypted``, ``empty``, else ""); ``files`` are
    attachments with ``name`` and ``size`` (bytes), the last without a name where ``size`` counts
    those that are not named; ``folded`` is how many lines its text lacks, 1 for one that was cut.
    """
    return {
        "mail": mail.id, "sender": mail.sender, "subject": mail.subject,
        "note": mail.reading.get("note", ""), "files": mail.reading.get("files", []),
        "folded": mail.reading.get("folded", 0) or int(bool(mail.whole)),
    }  # fmt: skip
