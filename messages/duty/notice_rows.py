"""Notices of paging: rows of the notices' table.

``silent`` is the user id of who was paged before, ``since`` when that was; of ``nobody_left`` a
list, as is ``declined``. ``turn`` is a ``Turn``, ``why`` a ``PageAnswer``. ``by`` and ``at``,
once a person has the case or it is over: who, and since when; ``yours``: the reader has it.
"""

from collections.abc import Mapping

from bot.rules.lifecycle import LIVE
from bot.rules.words import Role, Status
from messages.kit.notice_spec import ButtonSpec, Facts, NoticeSpec, take_given


def _manages(facts: Facts) -> bool:
    """Offer a claim to who was paged to take a live case, or to see that it is taken."""
    called = facts["it"]["role"] in (Role.ESCALATION_MANAGER, Role.SUPPORT_LEAD)
    return bool(called and not facts["em"] and facts["case"].status in LIVE)


def _called(facts: Facts) -> bool:
    """True for the same people while the case is new: then another can be paged instead."""
    return _manages(facts) and facts["case"].status is Status.NEW


SHOW = ButtonSpec("show:show", "show")
OPENED = (
    ButtonSpec("do:claim", "have_it", style="primary", offered=_manages),
    ButtonSpec("ask:decline_page", "cannot", offered=_called),
    SHOW,
)
CLAIM = ButtonSpec("do:claim", "claim", style="primary")
NOBODY = (
    CLAIM,
    ButtonSpec("ask:assign", "assign", take_given(role=Role.ESCALATION_MANAGER.value)),
    SHOW,
)
TAKEN: Facts = {"by": "", "at": "", "yours": False}
PAGED: Facts = {"remark": "", "until": ""}

PAGE_NOTICES: Mapping[str, NoticeSpec] = {
    "opened": NoticeSpec(("role", "notice"), OPENED, TAKEN),
    "paged": NoticeSpec(("role", "silent", "since", "why", "turn"), OPENED, {**PAGED, **TAKEN}),
    "page_moved": NoticeSpec(("user", "silent", "since", "why", "turn"), (), PAGED),
    "pager_refused": NoticeSpec(("pager", "reason")),
    "way_refused": NoticeSpec(("by_way", "way_fault", "user")),
    "paged_elsewhere": NoticeSpec(("pager", "agent"), (CLAIM,)),
    "nobody_left": NoticeSpec(("silent", "declined"), NOBODY),
}
