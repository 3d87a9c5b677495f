"""Notices of paging: rows of the notices' table.

``silent`` is the user id of who was paged before, ``since`` when that was; of ``nobody_left`` a
list, as is ``declined``. ``hours`` is how long ``user`` had a role, whole.
``turn`` is a ``Turn``, ``why`` a ``PageAnswer``. ``by`` and ``at``,
once a person has the case or it is over: who, and since when; ``yours``: the reader has it.
"""

from collections.abc import Mapping

from bot.rules.duty.stakeholders import STAKEHOLDERS
from bot.rules.lifecycle import LIVE, OPEN
from bot.rules.words import Role, Status
from messages.kit.notice_spec import ButtonSpec, Facts, NoticeSpec, take_given
from messages.readiness.notice_rows import WITH_CARD


def _manages(facts: Facts) -> bool:
    """Offer a claim to who was paged to take a live case, or to see that it is taken."""
    called = facts["it"]["role"] in (Role.ESCALATION_MANAGER, Role.SUPPORT_LEAD)
    return bool(called and not facts["em"] and facts["case"].status in LIVE)


def _called(facts: Facts) -> bool:
    """True for the same people while the case is new: then another can be paged instead."""
    return _manages(facts) and facts["case"].status is Status.NEW


def _leads(facts: Facts) -> bool:
    """Ask the technical lead of an open case, until they have answered."""
    case, reader = facts["case"], facts["it"]["reader"]
    holds = case.roles.get(Role.TECHNICAL_LEAD) == reader and case.status in OPEN
    asked = holds and facts["it"]["role"] is Role.TECHNICAL_LEAD
    return bool(asked and not any(p.user == reader and p.answered_at for p in case.pages))


def _unseen(facts: Facts) -> bool:
    """Ask a stakeholder whether they have seen it, until they have; older messages do not ask."""
    reader, role = facts["it"]["reader"], facts["it"]["role"]
    seen = any(each.user == reader and each.seen_at for each in facts["case"].told)
    return bool(reader and role in STAKEHOLDERS and not seen)


SHOW = ButtonSpec("show:show", "show")
SEEN = ButtonSpec("do:seen_case", "seen_case", offered=_unseen)
LEADS = (
    ButtonSpec("do:have_page", "have_it", style="primary", offered=_leads),
    ButtonSpec("ask:decline_page", "cannot", offered=_leads),
)
OPENED = (
    ButtonSpec("do:claim", "have_it", style="primary", offered=_manages),
    ButtonSpec("ask:decline_page", "cannot", offered=_called),
    *LEADS,
    SEEN,
    WITH_CARD,
    SHOW,
)
CLAIM = ButtonSpec("do:claim", "claim", style="primary")
HAND_OVER = ButtonSpec("ask:hand_over", "hand_over", take_given("role"), "primary")
ASSIGN_LEAD = ButtonSpec(
    "ask:assign",
    "assign",
    take_given(role=Role.TECHNICAL_LEAD.value),
    offered=lambda facts: not facts["it"]["user"],
)
NOBODY = (
    CLAIM,
    ButtonSpec("ask:assign", "assign", take_given(role=Role.ESCALATION_MANAGER.value)),
    SHOW,
)
NAME = ButtonSpec("ask:name_stakeholder", "name_stakeholder", style="primary")
COMPONENT = ButtonSpec("ask:set_component", "set_component")
REFUSED: Facts = {"history": (), "team": "", "people": ()}  # of an offered role
TAKEN: Facts = {"by": "", "at": "", "yours": False, "reader": "", "card": False}
PAGED: Facts = {"remark": "", "until": ""}

PAGE_NOTICES: Mapping[str, NoticeSpec] = {
    "opened": NoticeSpec(("role", "notice"), OPENED, TAKEN),
    "paged": NoticeSpec(("role", "silent", "since", "why", "turn"), OPENED, {**PAGED, **TAKEN}),
    "page_moved": NoticeSpec(("user", "silent", "since", "why", "turn"), (), PAGED),
    "page_passed": NoticeSpec(("user", "role")),
    "technical_has_it": NoticeSpec(("user",)),
    "technical_declined": NoticeSpec(("silent", "user"), (ASSIGN_LEAD,), {"remark": ""}),
    "technical_paged": NoticeSpec(
        ("role", "silent", "user"),
        (*LEADS, WITH_CARD, SHOW),
        {"remark": "", "reader": "", "card": False},
    ),
    "told_instead": NoticeSpec(("role", "user", "since", "passed"), (SEEN, SHOW), {"reader": ""}),
    "unseen": NoticeSpec(("silent", "passed"), (SHOW,)),
    "long_turn": NoticeSpec(("user", "role", "hours"), (HAND_OVER,)),
    "long_turn_above": NoticeSpec(("user", "role", "hours"), (SHOW,)),
    "component_set": NoticeSpec(("by", "component", "team"), (COMPONENT,), {"user": ""}),
    "account_gap": NoticeSpec(("missing",), (NAME,)),
    "stakeholder_named": NoticeSpec(("by", "role", "user"), (), {"kept": False}),
    "pager_refused": NoticeSpec(("pager", "reason")),
    "way_refused": NoticeSpec(("by_way", "way_fault", "user")),
    "paged_elsewhere": NoticeSpec(("pager", "agent"), (CLAIM,)),
    "nobody_left": NoticeSpec(("silent", "declined"), NOBODY),
}
