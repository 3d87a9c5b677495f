"""Every notice about a case: the facts it needs, the buttons it offers.

The words of ``name`` are in ``templates/notices/<name>.<language>.j2``, or under
``[template.notices]`` among the texts of a language (``messages/kit/render.py``). Rows of the
outbox name notices, so a name in use is not changed. ``messages/cases/notices.py`` composes the
message, ``messages/kit/notice_spec.py`` says what a row is made of, and
``messages/problems/notice_table.py`` is the same table for problems.

By which way they are told; a notice that is in none of these lists is said in the case's channel,
and to some people as a direct message too:

Direct messages alone
    ``opened``, ``opened_reporter``, ``executive_alert``, ``handover_offered``,
    ``handover_refused``, ``confirmation_asked``, ``letter_waits``, ``letter_free``,
    ``resolution_doubted`` (also a private answer), ``postmortem_invitation``, ``ask_executive``,
    ``approval_asked``, ``draft_answered``, ``ask_yourself``, ``breach_brief``, ``action_given``,
    ``action_due``, ``action_verified``, ``action_returned``, ``action_changed``,
    ``action_offered``, ``action_passing``, ``action_offer_over``, ``action_declined``,
    ``action_taken``, ``drift_left``, ``drift_over``, ``owner_missing``, ``no_channel``,
    ``channel_made``, ``sent_with_faults``, ``mail_failed``, ``mail_waits``, ``ticket_failed``,
    ``ticket_waits``, ``ticket_unreadable``, ``report_resolved``, ``draft_voided``,
    ``letter_dropped``, ``contest_waits``, ``technical_paged``, ``told_instead``, ``unseen``,
    ``concession_asked``, ``concession_waits``, ``concession_decided``, ``concession_expired``,
    ``concession_due``, ``concession_overdue``, ``role_card_waits``.
    ``concession_ended``, ``concession_fulfilled``, ``concession_unfulfilled``, ``role_card``,
    ``status_given`` are also private answers.
    ``focus_set``, ``focus_check_in``, ``focus_silent``, ``focus_unheard``, ``focus_interrupted``,
    ``lead_asked``, ``drill_invited``, ``long_turn``, ``long_turn_above``.
Private answers alone
    ``approval_waits``, ``draft_noted``, ``resolution_waits``, ``check_in``, ``status_page``,
    ``status_page_gone``, ``ticket_linked``, ``ticket_unlinked``, ``report_taken``,
    ``merge_other``, ``edit_clash``, ``bug_linked``, ``bug_unlinked``, ``concession_recorded``,
    ``concession_noted``, ``concession_told``, ``page_passed``, ``postmortem_saved``,
    ``focus_broken_into``, ``card_knows``, ``question_taken``.
Posts in the channel that are edited as things change (``bot/feedback/edited_posts.py``)
    ``customer_answered`` (also a direct message), ``mail_quarantined``, ``mails_decided``.

What each key of a notice's ``extra`` carries. All of it is JSON; ids are those of store rows:

People
    ``by``, ``user``, ``offered_by``: Slack user ids of the person who acted, of the one who has
    or is offered the role, of the one who offered it. ``people``: ids of those asked to approve.
    ``role``: a ``Role``; "" or absent in a channel, else the role for which the reader is told,
    with ``card`` together with what it asks of them.
    ``notice``: ``page`` or ``dm``, read back by ``bot/core/notify.py`` so that nothing is told
    twice. ``unreached``: rows of ``role``, ``who`` (user id, address or group), ``reason`` (an
    ``Unfilled``) and ``heir`` (user id, "" for none), as ``passed`` and ``missing`` are.
Rows of the store
    ``message``, ``action``, ``ask``: found again in the case when the notice is composed.
    ``handover``, ``draft``, ``talk``, ``mail``, ``reply``, ``contest``: only handed on by
    buttons. ``digest``: SHA-256, hexadecimal, of all that an approval covers; a button returns it
    with the answer.
Instants
    ``at``, ``until``, ``due``, ``promised``: ISO 8601 with an offset; "" for none.
Words of the field
    ``kind``: a ``MessageKind``. ``topic``: that, or ``pulse`` or ``survey`` for a question to the
    customer. ``trigger``, ``desk``: a ``Trigger``, a ``HelpDesk``. ``spoken``: a ``Language``.
    ``duplicate``: the reference (``ESC-4``) of the other case of a pair that is one.
    ``before``: the severity until now, 1 to 4. ``clock``: a clock's name (``handoff:3``).
    ``party``: ``customer``, ``escalation_manager`` or ``technical_lead``, with ``comfortable``.
    ``standing``: ``on_track``, ``blocked``, ``need_help`` or ``eta_moved``. ``answer``:
    ``approve`` or ``decline``. ``way``: ``call``, ``meeting``, ``message`` or ``not_reached``.
    ``page``: ``pulse`` or ``survey``, with ``score`` and ``effort``, 1 to 5 (``effort`` may be
    None), ``low`` when a call is owed, ``changed`` when an earlier answer was replaced.
    ``reason``: a ``HoldReason`` in held, resumed and hold_ended; text from people or from a
    server elsewhere.
Slack's side
    ``found``: rows of ``what`` (a ``Drift``), ``at`` and ``seen``. ``code``: Slack's error, of
    ``conversations.create`` with its ``hindrance``. ``what``, ``old``, ``called``: why the case
    moved (a ``Drift``, or ``restricted``), the old channel's id and its name.
Money
    ``concession`` is the id, ``amount`` such as ``500 EUR``, ``granted`` a ``ConcessionKind``,
    ``motive`` a ``ConcessionReason``, ``words`` and ``author`` why and who asks, ``until`` its end;
    ``had`` and ``fee`` are amounts, of so many ``months`` and of one month.
    ``two``: two people must approve; ``by_legal``: the reader is asked for Legal; ``waits``: it
    waits for approval; ``complete``: no further approval is needed. ``state``: a
    ``ConcessionState``. ``recorder``: who recorded a fulfilment, with ``evidence``.
    ``own_limit``, ``next_limit``: whole euro that the reader, a director may offer; None: no limit.
Mail
    ``note``: why words are missing (``partly``, ``unreadable``, ``encrypted``, ``empty``, "" for
    none). ``files``: attachments with ``name`` and ``size`` in bytes, the last without a name where
    ``size`` counts further ones. ``folded``: how many lines the text lacks, 0 for none.
Text from people, hidden of a restricted case outside its channel
    ``text``, ``summary``, ``question``, ``remark``, ``comment``, ``evidence``, ``outcome``,
    ``offered``, ``note``, ``cause``, ``better``, ``recipient``, ``address``, ``place``, ``route``,
    ``sender``, ``senders``, ``subject``, ``contact``. ``messages/kit/privacy.py`` has the keys
    that stay.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.rules.lifecycle import OPEN
from bot.rules.words import HoldReason, MessageKind, Role
from messages.bugs.notice_rows import BUG_NOTICES
from messages.cases.card_actions import sure_to_tell
from messages.cases.channel import REPAIRS, TRY_AGAIN
from messages.cases.mail import (
    DROP_MAIL,
    MAIL,
    MAKE_CONTACT,
    RELEASE_MAIL,
    SHORTENED_MAIL,
    WHOLE_MAIL,
)
from messages.correction.notice_rows import CORRECTION_NOTICES
from messages.customers.concession_notices import CONCESSIONS
from messages.customers.delivery_notices import DELIVERY_NOTICES
from messages.customers.feedback_notices import FEEDBACK_NOTICES
from messages.drills.notice_rows import DRILLS
from messages.duty.notice_rows import PAGE_NOTICES, REFUSED, SEEN
from messages.executives.notice_rows import ASKED, COMMIT, DECISION, EXECUTIVE_NOTICES, FILED
from messages.focus.notice_rows import FOCUS
from messages.intake.notice_rows import INTAKE_NOTICES
from messages.kit.notice_spec import ButtonSpec, Facts, NoticeSpec, take_given
from messages.learning.action_notices import ACTION_NOTICES
from messages.learning.notice_rows import LEARNED, OUTREACH
from messages.meetings.notice_rows import MEETING_NOTICES, PLAN
from messages.readiness.notice_rows import UNDERSTOOD, WITH_CARD

# In which role the channel, the owner and the agent are told: they talk with the customer.
CUSTOMERS_OWN = frozenset({"", Role.ESCALATION_MANAGER, Role.AGENT, Role.REPORTER})


def _kind(kind: MessageKind) -> Callable[[Facts], Facts]:
    """Return a button's values that open the composer on this kind of message."""
    return take_given(kind=kind.value)


def _standing(standing: str) -> ButtonSpec:
    """Make the button that answers a check-in with this standing.

    All is well is said at once; what is wrong takes a word, in a form.
    """
    if standing == "on_track":
        return ButtonSpec("do:status", f"standing_{standing}", take_given(standing=standing))
    return ButtonSpec("ask:status", f"standing_{standing}", take_given(standing=standing))


def _nobody_else(facts: Facts) -> bool:
    """Offer a claim to a reporter who still owns the case that has no escalation manager."""
    return bool(facts["case"].owner == facts["case"].reporter and not facts["em"])


def _contestable(facts: Facts) -> bool:
    """True once the customer was told how we rank their open case, so that they may contest it."""
    return bool(facts["case"].sent) and facts["case"].status in OPEN


def _silent(facts: Facts) -> bool:
    """True until the customer has been sent a first message."""
    return not facts["case"].sent


def _told(facts: Facts) -> bool:
    """True for an open case whose customer has heard from us, so that a change concerns them."""
    return bool(facts["case"].sent) and facts["case"].status in OPEN


def _new_owner(facts: Facts) -> bool:
    """True when the customer, who knows the case, gets another person to talk to."""
    return _told(facts) and facts["it"]["role"] in (Role.ESCALATION_MANAGER, Role.AGENT)


def _hold_letter(facts: Facts) -> Facts:
    """Say to the customer that we wait for them, or for another."""
    waited = facts["it"]["reason"] == HoldReason.WAITING_CUSTOMER
    return {"kind": (MessageKind.WAITING if waited else MessageKind.ON_HOLD).value}


def _letter_after_hold(facts: Facts) -> Facts:
    """Remind a customer whom we waited for; tell any other how it goes on."""
    waited = facts["it"]["reason"] == HoldReason.WAITING_CUSTOMER
    return {"kind": (MessageKind.LAST_REMINDER if waited else MessageKind.UPDATE).value}


def _was_told(facts: Facts) -> bool:
    """True where the customer knows of a resolution that is not confirmed."""
    return bool(facts["it"]["told"])


def _untold(facts: Facts) -> bool:
    """True where the customer's letter waits for the technical lead."""
    return bool(facts["it"]["untold"])


def _answered(*, approved: bool, last: bool = False) -> Callable[[Facts], bool]:
    """Offer for that answer; ``last`` for the resolution, which has a form of its own."""

    def offered(facts: Facts) -> bool:
        resolution = facts["it"]["kind"] is MessageKind.RESOLUTION
        return bool(facts["it"]["approve"]) is approved and resolution is last

    return offered


def _asks(facts: Facts) -> bool:
    """True in words to those who talk with the customer, while the customer has not confirmed."""
    return bool(facts["confirmed"] is False and facts["it"]["role"] in CUSTOMERS_OWN)


def _meets(facts: Facts) -> bool:
    """Offer the agenda in the channel, and to a reader who is invited to the meeting."""
    return bool(facts["it"]["agenda"] or facts["it"]["invited"])


def _open(facts: Facts) -> bool:
    return not facts["hidden"]


def _hidden(facts: Facts) -> bool:
    return bool(facts["hidden"])


SHOW = ButtonSpec("show:show", "show")
WRITE = ButtonSpec("ask:update", "write_update", _kind(MessageKind.UPDATE), "primary")
CORRECT = ButtonSpec(
    "ask:update", "write_correction", _kind(MessageKind.CORRECTION), "primary", _was_told
)
FIRST = ButtonSpec(
    "ask:update", "write_first", _kind(MessageKind.ACKNOWLEDGEMENT), "primary", _silent
)
TELL = ButtonSpec("ask:update", "tell_customer", _kind(MessageKind.SEVERITY_CHANGED), "", _told)
INTRODUCE = ButtonSpec("ask:update", "introduce", _kind(MessageKind.NEW_CONTACT), "", _new_owner)
TAKEN_OVER = replace(INTRODUCE, offered=_told)
TELL_HOLD = ButtonSpec("ask:update", "tell_customer", _hold_letter)
AFTER_HOLD = ButtonSpec("ask:update", "write_update", _letter_after_hold, "primary")
BACK = ButtonSpec("ask:update", "write_update", _kind(MessageKind.REOPENED), "primary")
FAREWELL = ButtonSpec("ask:update", "write_closing", _kind(MessageKind.CLOSED), "primary")
NOT_OURS = ButtonSpec("ask:update", "tell_customer", _kind(MessageKind.NOT_ESCALATION))
MEETING = ButtonSpec("ask:update", "invite_customer", _kind(MessageKind.MEETING))
EXECUTIVE = ButtonSpec("ask:update", "write_executive", _kind(MessageKind.EXECUTIVE))
CLAIM = ButtonSpec("do:claim", "claim", style="primary")
AGENDA = ButtonSpec("show:postmortem", "agenda")
OFFER_AGAIN = ButtonSpec("ask:hand_over", "offer_again", take_given("role"))
CHANGE = ButtonSpec("ask:resolve", "change_resolution")
NO_SOLUTION = ButtonSpec("ask:withdraw", "withdraw_resolution", take_given(what="resolution"))
SEND_LETTER = ButtonSpec("ask:resolve", "i_sent_it", style="primary")
TELL_ANYWAY = ButtonSpec("do:tell_anyway", "tell_anyway", sure=sure_to_tell)
HANDOVER = (
    ButtonSpec("do:answer_handover", "accept", take_given("handover", accept=True), "primary"),
    ButtonSpec("ask:answer_handover", "refuse", take_given("handover", accept=False)),
)
COMFORT = (
    ButtonSpec("do:confirm", "comfortable", take_given("party", comfortable=True), "primary"),
    ButtonSpec("ask:confirm", "not_comfortable", take_given("party", comfortable=False)),
)
STANDINGS = tuple(_standing(each) for each in ("on_track", "blocked", "need_help", "eta_moved"))
ASSIGN = ButtonSpec("ask:assign", "assign", take_given(role=Role.ESCALATION_MANAGER.value))
DRAFT = ("draft", "digest")
APPROVING = (
    ButtonSpec("do:answer_draft", "approve", take_given(*DRAFT, approve=True), "primary", _open),
    ButtonSpec("ask:answer_draft", "return", take_given(*DRAFT, approve=False), "", _open),
    ButtonSpec("ask:answer_draft", "read_and_answer", take_given(*DRAFT), "primary", _hidden),
)
SENT_IT = ButtonSpec(
    "ask:update", "i_sent_it", take_given("draft"), "primary", _answered(approved=True)
)
SENT_THAT = ButtonSpec(
    "ask:resolve", "i_sent_it", take_given("draft"), "primary", _answered(approved=True, last=True)
)
EDIT_IT = ButtonSpec(
    "ask:update", "edit_it", take_given("draft"), "primary", _answered(approved=False)
)
EDIT_THAT = ButtonSpec(
    "ask:resolve", "edit_it", take_given("draft"), "primary", _answered(approved=False, last=True)
)
HELD = ButtonSpec("ask:postmortem_held", "postmortem_held", style="primary")
AGAIN = ButtonSpec("ask:hold", "hold_again")
SAID_YES = ButtonSpec(
    "ask:confirm", "customer_said_yes", take_given(party="customer", comfortable=True), "primary",
    _asks,
)  # fmt: skip
CONTESTED = ButtonSpec("ask:contest", "contest", offered=_contestable)
REPLIED = (WRITE, WHOLE_MAIL, MAKE_CONTACT, CONTESTED)
ANSWER_CONTEST = ButtonSpec("ask:answer_contest", "answer_contest", take_given("contest"))
READ = ButtonSpec("show:postmortem", "agenda", offered=_meets)
NOT_FIED = ButtonSpec("ask:reopen", "not_fixed")
ASK = ButtonSpec("ask:ask_executive", "ask_executive")
ESCALATE = ButtonSpec("ask:open_case", "escalate")
RECORD = ButtonSpec("show:timeline", "record")

NOTICES: Mapping[str, NoticeSpec] = {
    **PAGE_NOTICES,
    "opened_reporter": NoticeSpec(
        (),
        (replace(CLAIM, offered=_nobody_else), WITH_CARD, SHOW),
        {"card": False, "role": "reporter"},
    ),
    "role_card": NoticeSpec(("role",), (UNDERSTOOD,), {"held": False}),
    "role_card_waits": NoticeSpec(("role",), (UNDERSTOOD,)),
    "role_given": NoticeSpec(("role", "user"), (INTRODUCE,)),
    "handover_offered": NoticeSpec(("handover", "role", "offered_by", "summary"), HANDOVER),
    "handover_accepted": NoticeSpec(("role", "user", "offered_by"), (INTRODUCE,)),
    "handover_refused": NoticeSpec(
        ("role", "user", "offered_by", "reason"), (OFFER_AGAIN,), REFUSED
    ),
    "claimed": NoticeSpec(("user",), (FIRST, TAKEN_OVER), {"yours": False}),
    "ranked": NoticeSpec(("by",), (), {"reason": ""}),
    "contested": NoticeSpec(("contest", "by", "text"), (WRITE, ANSWER_CONTEST), {"due": ""}),
    "contest_waits": NoticeSpec(("contest", "by", "text", "at"), (WRITE, ANSWER_CONTEST)),
    "contest_answered": NoticeSpec(("by", "text")),
    "severity_changed": NoticeSpec(("before", "by", "reason"), (TELL,)),
    "update_sent": NoticeSpec(("message",), (), {"mitigated": False}),
    "sent_with_faults": NoticeSpec(("message",), (WRITE,)),
    "customer_replied": NoticeSpec(("summary", "at"), REPLIED, {"hold_ended": False, **MAIL}),
    "held": NoticeSpec(("reason", "until"), (TELL_HOLD,), {"note": "", "by": ""}),
    "resumed": NoticeSpec(),
    "hold_ended": NoticeSpec(("reason",), (AFTER_HOLD, AGAIN)),
    "confirmation_asked": NoticeSpec(("party",), COMFORT, {"text": ""}),
    "confirmation_given": NoticeSpec(("party", "comfortable", "by"), (), {"remark": ""}),
    "resolution_waits": NoticeSpec((), (replace(TELL_ANYWAY, offered=_untold),), {"untold": False}),
    "resolution_doubted": NoticeSpec(
        ("party", "by"), (CORRECT, CHANGE, NO_SOLUTION), {"remark": "", "told": True}
    ),
    "letter_waits": NoticeSpec(("user",), (TELL_ANYWAY, CHANGE)),
    "letter_free": NoticeSpec((), (SEND_LETTER,), {"blocked": False}),
    "resolved": NoticeSpec(
        (), (SAID_YES, NOT_FIED, READ), {"agenda": False, "invited": False, "role": ""}
    ),
    "reopened": NoticeSpec(("by", "reason"), (BACK,)),
    "review": NoticeSpec((), (AGENDA, PLAN, HELD, MEETING)),
    "closed": NoticeSpec((), (FAREWELL,)),
    "postmortem_learned": NoticeSpec(("by", "cause", "better"), (), {"prevention": "", "count": 0}),
    "postmortem_saved": NoticeSpec(
        (),
        (replace(HELD, text="postmortem_goes_on"), WITH_CARD),
        {"card": False, "role": "facilitator"},
    ),
    "dismissed": NoticeSpec(("by", "reason"), (NOT_OURS,)),
    "duplicate": NoticeSpec(("duplicate", "summary"), (), {"owed_at": ""}),
    **INTAKE_NOTICES,
    **BUG_NOTICES,
    **CORRECTION_NOTICES,
    **DELIVERY_NOTICES,
    **EXECUTIVE_NOTICES,
    **FOCUS,
    **DRILLS,
    "executive_flag": NoticeSpec(("by", "trigger", "reason"), (ASK, EXECUTIVE, COMMIT), FILED),
    "withdrawn": NoticeSpec(
        ("what", "by", "reason"),
        (CORRECT,),
        {"told": False, "restricted": False, "role": "", "user": ""},
    ),
    "executive_alert": NoticeSpec(
        (),
        (SEEN, WITH_CARD, SHOW),
        {"ask": "", "role": "", "trigger": "", "reader": "", "card": False},
    ),
    "ask_executive": NoticeSpec(("ask", "question", "by"), DECISION, ASKED),
    "ask_answered": NoticeSpec(("ask", "answer", "by"), (), {"question": "", "remark": ""}),
    "check_in": NoticeSpec((), STANDINGS),
    "status_given": NoticeSpec(("by", "standing"), (), {"remark": "", "expected": ""}),
    "postmortem_invitation": NoticeSpec((), (AGENDA,)),
    **ACTION_NOTICES,
    "drift": NoticeSpec(("found",), REPAIRS),
    "drift_left": NoticeSpec(("found",), REPAIRS),
    "drift_over": NoticeSpec(("found",)),
    "record_lost": NoticeSpec((), (ESCALATE,)),
    "unreached": NoticeSpec(("unreached",), (ASSIGN,)),
    "untold": NoticeSpec(("user", "code")),
    "broadcast_withheld": NoticeSpec(("problem", "text"), (WRITE,), defaults={"issue": False}),
    "no_channel": NoticeSpec(("code", "hindrance"), (TRY_AGAIN, SHOW)),
    "channel_made": NoticeSpec((), (SHOW,)),
    "moved": NoticeSpec(("what",), (RECORD,), {"old": "", "called": ""}),
    "breach_retracted": NoticeSpec(("clock",)),
    "approval_asked": NoticeSpec(
        ("draft", "digest", "kind", "by", "recipient", "text", "route", "spoken"),
        APPROVING,
        {"address": "", "place": "", "promised": "", "why": ""},
    ),
    "approval_waits": NoticeSpec(("people", "kind")),
    "draft_answered": NoticeSpec(
        ("draft", "approve", "kind", "by"),
        (SENT_IT, SENT_THAT, EDIT_IT, EDIT_THAT),
        {"remark": "", "until": ""},
    ),
    "draft_noted": NoticeSpec(("approve", "kind")),
    "owner_missing": NoticeSpec((), (CLAIM, ASSIGN)),
    "mail_quarantined": NoticeSpec(
        ("mail", "sender", "subject", "text", "doubt"),
        (RELEASE_MAIL, MAKE_CONTACT, DROP_MAIL, SHORTENED_MAIL),
        {"others": 0, "senders": "", "note": "", "files": (), "folded": 0},
    ),
    "mails_decided": NoticeSpec(("count",)),
    "contact_changed": NoticeSpec(("by", "sender"), (), {"contact": ""}),
    **CONCESSIONS,
    **FEEDBACK_NOTICES,
    **MEETING_NOTICES,
    **LEARNED,
    **OUTREACH,
    "mail_after_end": NoticeSpec(("summary", "at"), (NOT_FIED, WHOLE_MAIL), MAIL),
}
