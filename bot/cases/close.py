"""The ways out: the agenda posted again and the case closed, or not an escalation after all.

Resolving is in ``resolve``, which posts the agenda too; reopening in ``reopen``. What must hold
before a step is in ``bot/rules/lifecycle.py``.
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from bot import effects
from bot.calendar_files.verbs import drop_postmortem
from bot.cases.resolution.announcement import post_agenda
from bot.core.access import (
    named_for,
    on_case,
    require_permission,
    role_holders,
)
from bot.core.reactions import CaseClosed, CaseDismissed, react
from bot.core.steps import (
    authorize_case,
    case_facts,
    end_hold,
    lock_other_case,
    refresh_card,
    require_status,
    severity_of,
    take_step,
)
from bot.customers.incoming import start_reply_clock
from bot.engine.inbox import Answer
from bot.engine.intent import CaseNumber, OnCase, OptionalText, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules import lifecycle
from bot.rules.lifecycle import LIVE
from bot.rules.permissions import MANAGERS
from bot.rules.words import ClosureCode, Role, RootCause, Severity, Status
from bot.sla import clock_history, clocks
from storage.in_hand import rows_about
from storage.models import ActionItem, Case, Postmortem

# Codes which say that the customer agreed; silence is never called that (domain: closure codes).
AGREED = frozenset({ClosureCode.FIXED, ClosureCode.WORKAROUND_ACCEPTED})


TAKE_BACK = timedelta(minutes=10)  # in which a reporter takes back what they raised by mistake


class Close(OnCase):
    """Close a reviewed case, or any live one as a duplicate of another.

    ``root_cause`` may be missing of a duplicate alone, and ``duplicate_of`` is the number of the
    case that goes on in its place. ``waived`` says why no postmortem is held, which SEV3 and SEV4
    allow; ``no_action`` why one that was held ended without an action item. Where they are not
    wanted they are kept as the why and waive nothing.
    """

    verb: ClassVar[str] = "close"
    code: ClosureCode
    root_cause: RootCause | None = None
    duplicate_of: CaseNumber = None
    waived: OptionalText = ""
    no_action: OptionalText = ""


class Dismiss(OnCase):
    """The case is no escalation; the reporter and the channel read the reason."""

    verb: ClassVar[str] = "dismiss"
    reason: Text


class MakePostmortem(OnCase):
    """Post the agenda again, with the facts as they are now."""

    verb: ClassVar[str] = "postmortem"


async def close_case(work: UnitOfWork, intent: Close) -> Answer | None:
    """Close a reviewed case under its codes and cancel what still runs of its clocks.

    SEV1 is closed by a support lead. A code that says that the customer agreed wants their recorded
    confirmation: silence is not agreement. A duplicate of a case that goes on is closed from any
    live status. Timeline ``close``: ``status``, ``code``, ``root_cause``, ``waived``, ``unlearned``
    (a postmortem without an action item); ``close_duplicate``: ``status``, ``code``, ``original``
    (``ESC-4``).

    Raises UserError ``support_lead_needed`` (``user``: the first of them), ``role_is_nobodys``
    (none of those named can be reached), ``wrong_status``, ``duplicate_owes_reply``,
    ``postmortem_held``, ``waiver_needed``, ``action_needed``, ``root_cause_needed``,
    ``customer_did_not_confirm``, and as ``find_original``.
    """
    duplicate = intent.code is ClosureCode.DUPLICATE
    await lock_both(work, intent.case, intent.duplicate_of if duplicate else None)
    case = await authorize_case(work, intent.case, "close")
    original = await find_original(work, case, intent.duplicate_of, intent.code)
    _lead_for_the_gravest(work, case)
    before = case.status
    await take_step(work, case, "close" if original is None else "close_duplicate")
    if original is None:
        await _require_reasons(work, case, intent)
    case.closure_code = intent.code.value
    case.root_cause = intent.root_cause.value if intent.root_cause else None
    case.duplicate_of = original.number if original else None
    case.closed_at = work.now
    owed = await clock_history.reply_owed_since(work, case)
    await clocks.cancel_clocks(work, case)
    _note_close(work, case, intent, before)
    await drop_postmortem(work, case)
    await react(work, CaseClosed(case))
    await effects.queue_post(work, case, "notice:closed")
    if original is not None:
        await end_for_original(work, case, original, owed)
    await refresh_card(work, case)
    return None


async def _require_reasons(work: UnitOfWork, case: Case, intent: Close) -> None:
    """Refuse to close without the cause, what was learned or agreed, or a reason why not."""
    if intent.root_cause is None:
        raise UserError("root_cause_needed")
    if case.postmortem_at is None and not intent.waived:
        raise UserError("waiver_needed", severity=case.severity)
    items = await rows_about(work.session, ActionItem, case.number)
    agreed = intent.no_action or any(not item.dropped_why for item in items)
    found = await work.session.get(Postmortem, case.number)
    if case.postmortem_at and not agreed and not (found and found.no_action):
        raise UserError("action_needed")
    if intent.code in AGREED and not await _customer_agreed(work, case):
        raise UserError("customer_did_not_confirm", code=intent.code.value)


def _note_close(work: UnitOfWork, case: Case, intent: Close, before: str) -> None:
    """Put the end on record: the code, and what was left out with its reason.

    ``before`` is the status until now. A duplicate names the original in place of a root cause.
    """
    after: dict[str, Any] = {"status": case.status, "code": case.closure_code}
    if case.duplicate_of:
        after["original"] = f"ESC-{case.duplicate_of}"
    else:
        after["root_cause"] = case.root_cause
        after["waived"] = bool(intent.waived and case.postmortem_at is None)
        after["unlearned"] = bool(intent.no_action and case.postmortem_at)
    verb = "close_duplicate" if case.duplicate_of else "close"
    why = intent.waived or intent.no_action
    work.note(case, verb, before={"status": before}, after=after, why=why)


async def lock_both(work: UnitOfWork, number: int, other: int | None) -> None:
    """Lock two cases in the order of their numbers, so that two closings never wait for each other.

    Raises UserError ``no_such_case``.
    """
    for each in sorted({number, other or number}):
        await work.case(each)


async def find_original(
    work: UnitOfWork, case: Case, other: int | None, code: ClosureCode
) -> Case | None:
    """The case that goes on in place of ``case``, both being locked; None for another code.

    Raises UserError ``duplicate_needed``, ``duplicate_of_itself``, ``no_such_case`` (also for a
    restricted case that the actor is not on), ``duplicate_is_over``,
    ``duplicate_of_another_customer``, ``duplicate_is_restricted``.
    """
    if code is not ClosureCode.DUPLICATE:
        return None
    if other is None:
        raise UserError("duplicate_needed")
    original, name = await lock_other_case(work, other), f"ESC-{other}"
    if original is case:
        raise UserError("duplicate_of_itself")
    if original.status not in LIVE:
        raise UserError("duplicate_is_over", reference=name)
    if _customer_of(case) != _customer_of(original):
        raise UserError("duplicate_of_another_customer", reference=name)
    if original.sensitive and not case.sensitive:
        raise UserError("duplicate_is_restricted", reference=name)
    return original


def _customer_of(case: Case) -> str:
    return case.account_key or case.customer


async def end_for_original(
    work: UnitOfWork, case: Case, original: Case, owed: datetime | None
) -> None:
    """Bring the people who spoke with the customer into the other case, and tell it of this one.

    ``owed`` is since when the customer waits for a reply here, None where none is owed: it is owed
    in the other case from then on.

    No survey and no pulse is sent for the duplicate. Of a restricted case no one is brought in who
    is not on it, and an unrestricted one hears nothing of it. The post's extra carries
    ``duplicate``, the reference, ``summary``, the stake, and ``owed_at`` (ISO 8601, or empty); the
    record has the reference alone, since the duplicate may be reopened and restricted.

    Raises UserError ``duplicate_owes_reply`` where a reply is owed in a restricted case and the
    other is not.
    """
    secret = case.sensitive and not original.sensitive
    if owed and secret:
        raise UserError("duplicate_owes_reply", reference=f"ESC-{original.number}")
    if owed:
        await start_reply_clock(work, original, max(owed, original.received_at))
    await react(work, CaseDismissed(case))
    holders = await role_holders(work.session, case)
    people = {case.reporter, holders.get(Role.AGENT, case.reporter)}
    if original.sensitive:
        people = {user for user in people if await on_case(work.session, original, user)}
    for user in sorted(people - {work.actor.user_id}):
        await effects.queue_dm(work, user, "notice:closed", case)
    if secret:
        return
    await effects.queue_invite(work, original, people)
    extra = {
        "duplicate": f"ESC-{case.number}", "summary": case.stake,
        "owed_at": owed.isoformat() if owed else "",
    }  # fmt: skip
    await effects.queue_post(work, original, "notice:duplicate", extra)
    work.note(original, "duplicate", after={"duplicate": f"ESC-{case.number}"})
    await effects.queue_card(work, original)


def _lead_for_the_gravest(work: UnitOfWork, case: Case) -> None:
    """Refuse to close SEV1 to all but support leads, where the policy names any.

    Raises UserError ``support_lead_needed``, ``role_is_nobodys``.
    """
    leads = named_for(work.policy, Role.SUPPORT_LEAD)
    if severity_of(case) is not Severity.SEV1 or work.actor.user_id in leads:
        return
    if leads:
        raise UserError("support_lead_needed", user=leads[0])
    if work.policy.names(Role.SUPPORT_LEAD):
        raise UserError("role_is_nobodys", role=Role.SUPPORT_LEAD.value)


async def _customer_agreed(work: UnitOfWork, case: Case) -> bool:
    """True when the customer's comfort with this resolution is on record."""
    return "customer" not in lifecycle.missing_confirmations(await case_facts(work, case))


async def dismiss_case(work: UnitOfWork, intent: Dismiss) -> Answer | None:
    """End a case that is no escalation: its clocks are cancelled and no survey is planned.

    Possible until it is investigated. The reporter hears of it by DM unless they did it: ``extra``
    has ``reason`` and ``by``. Action items keep their reminders. Its reporter may do it for
    ``TAKE_BACK``, while no one has claimed it. Raises UserError ``wrong_status``,
    ``dismiss_too_late``.
    """
    case = await work.case(intent.case)
    roles = await require_permission(work, case, "dismiss")
    if not roles & MANAGERS:
        _by_mistake(work, case)
    before = case.status
    await take_step(work, case, "dismiss")
    await end_hold(work, case)
    await clocks.cancel_clocks(work, case)
    await react(work, CaseDismissed(case))
    work.note(
        case,
        "dismiss",
        before={"status": before},
        after={"status": case.status},
        why=intent.reason,
    )
    extra = {"reason": intent.reason, "by": work.actor.user_id}
    await effects.queue_post(work, case, "notice:dismissed", extra)
    if case.reporter != work.actor.user_id:
        await effects.queue_dm(work, case.reporter, "notice:dismissed", case, extra)
    await refresh_card(work, case)
    return None


def _by_mistake(work: UnitOfWork, case: Case) -> None:
    """Let a reporter take back only a case that was raised a moment ago and that no one took.

    Raises UserError ``dismiss_too_late`` (``minutes``).
    """
    fresh = work.now - case.opened_at <= TAKE_BACK
    if not fresh or case.status != Status.NEW:
        raise UserError("dismiss_too_late", minutes=TAKE_BACK // timedelta(minutes=1))


async def post_agenda_again(work: UnitOfWork, intent: MakePostmortem) -> Answer | None:
    """Post the agenda in the channel and as a file once more. Raises UserError ``wrong_status``.

    The earlier file stays; the new one is named with a number (``esc-7-postmortem-2.md``).
    """
    case = await authorize_case(work, intent.case, "postmortem")
    require_status(case, "postmortem")
    work.note(case, "postmortem")
    await post_agenda(work, case)
    return None
