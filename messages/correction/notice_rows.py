"""The notices about a corrected case, as rows of the table of all notices.

``changes`` are rows of ``part`` (of ``bot.cases.correction.parts``), ``was`` and ``now``, both as
one text, ``entries`` the ids of what the record keeps of them. ``roles`` and ``calendar`` say
whether these ``follow`` another customer or ``stay``, "" where it is the same. ``voided`` counts
approvals that are void, ``withheld`` messages that were held back, ``going`` mails that still go to
the address until now; ``pages`` and ``letter`` say that links were closed and a letter dropped.
"""

from collections.abc import Mapping

from bot.rules.words import MessageKind
from messages.kit.notice_spec import ButtonSpec, Facts, NoticeSpec, take_given


def _kept(facts: Facts) -> Facts:
    """Lead a button to the form, filled with what the record keeps."""
    return {"entries": list(facts["it"]["entries"])}


def _shown(facts: Facts) -> bool:
    """True where the reader sees what was changed."""
    return not facts["hidden"]


def _resolves(facts: Facts) -> bool:
    """True for the letter of a resolution, which has a form of its own."""
    return facts["it"].get("kind", MessageKind.RESOLUTION) is MessageKind.RESOLUTION


def _composed(facts: Facts) -> bool:
    """True for any other letter, which the composer writes."""
    return not _resolves(facts)


PUT_BACK = ButtonSpec("ask:edit_case", "put_back", _kept, offered=_shown)
EDIT_AGAIN = ButtonSpec("ask:edit_case", "edit_again", _kept, "primary")
WRITE_ANEW = ButtonSpec("ask:update", "write_again", take_given("kind"), "primary", _composed)
RESOLVE_ANEW = ButtonSpec("ask:resolve", "change_resolution", style="primary", offered=_resolves)

CORRECTION_NOTICES: Mapping[str, NoticeSpec] = {
    "case_edited": NoticeSpec(
        ("by", "changes", "entries"),
        (PUT_BACK,),
        {
            "roles": "",
            "calendar": "",
            "offered": "",
            "voided": 0,
            "withheld": 0,
            "going": 0,
            "letter": False,
            "pages": False,
        },
    ),
    "edit_clash": NoticeSpec(("changes", "entries"), (EDIT_AGAIN,)),
    "draft_voided": NoticeSpec(("draft", "kind", "by"), (WRITE_ANEW, RESOLVE_ANEW)),
    "message_withheld": NoticeSpec(("kind", "by", "text"), (WRITE_ANEW, RESOLVE_ANEW)),
    "letter_dropped": NoticeSpec(("by", "text"), (RESOLVE_ANEW,)),
}
