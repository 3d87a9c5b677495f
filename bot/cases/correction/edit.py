"""Correcting a case: each part that was changed in the form, with what was there kept.

What follows elsewhere, the ticket, the customer's pages, the line in a problem, is done by those
who react to CaseCorrected. Running clocks keep what was promised, whatever the customer (R11).
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, StringConstraints

from bot import effects
from bot.cases.correction import customer as other_customer
from bot.cases.correction.kept import PREFIX, REFUSED
from bot.cases.correction.outdated import count_going, drop_outdated
from bot.cases.correction.parts import (
    CONTACTS,
    NEEDED,
    PARTS,
    QUOTED,
    Value,
    contact_line,
    mark_part,
    parts_open,
    values_of,
)
from bot.cases.routing.component import require_component
from bot.cases.routing.offer import offer_to_team
from bot.core.access import require_permission
from bot.core.reactions import CaseCorrected, react
from bot.core.steps import (
    authorize_case,
    case_answer,
    refresh_card,
    require_account,
    require_status,
)
from bot.engine.inbox import Answer
from bot.engine.intent import (
    AllowanceKind,
    Email,
    Hidden,
    OnCase,
    OptionalLine,
    OptionalText,
    Url,
)
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.lifecycle import OPEN
from bot.rules.words import EXECUTIVE_TRIGGERS, Language, Status, Trigger
from storage.in_hand import account_of
from storage.models import Account, Case, TimelineEvent

Follows = Annotated[str, StringConstraints(pattern=f"^({'|'.join(other_customer.FOLLOWING)})$")]


class EditCase(OnCase):
    """Correct what was changed in the form.

    ``seen`` has the parts that the form showed, each with its mark as it was then: a part that is
    missing there is left as it is, and one that is empty was emptied. ``account`` and ``customer``
    are empty for the customer that it has. ``follow`` is what is to follow another customer, of
    ``FOLLOWING``; ``redrawn``: the form showed contact and language of the chosen customer.
    ``entries`` are those of the record that the form was filled from, by a button of a notice.
    """

    verb: ClassVar[str] = "edit_case"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    recorded_as: ClassVar[str] = "edit_contact"
    account: OptionalLine = ""
    customer: OptionalLine = ""
    follow: tuple[Follows, ...] = ()
    stake: OptionalText = ""
    stake_quoted: bool = False
    trigger: Trigger | None = None
    language: Language | None = None
    component: OptionalLine = ""
    ticket_url: Url = ""
    contact_name: OptionalLine = ""
    contact_email: Email = ""
    second_name: OptionalLine = ""
    second_email: Email = ""
    seen: Hidden[dict[str, str]] = Field(default_factory=dict)
    redrawn: Hidden[bool] = False
    entries: Hidden[tuple[int, ...]] = ()


async def edit_case(work: UnitOfWork, intent: EditCase) -> Answer | None:
    """Take what was changed in the form, all of it or nothing.

    Where a part that was changed is not what the form showed any more, nothing is taken: the record
    keeps what was written, and the answer ``edit_clash`` leads back to it.

    Timeline: ``edit_<part>`` for each part, with ``value`` before and after. The channel reads
    ``case_edited``, and so does the owner, where the customer or a contact is another.

    Raises UserError ``wrong_status``, ``edit_nothing``, ``no_such_account``, and as
    ``_require_allowed``, ``require_component`` and ``bot.tickets.link.follow_address`` do.
    """
    case = await authorize_case(work, intent.case, "edit_case")
    require_status(case, "edit_case")
    before = await account_of(work.session, case)
    was = values_of(case, before)
    account = await require_account(work, intent.account)
    changed = _changed(was, _given(intent, account), intent.seen)
    if not changed:
        raise UserError("edit_nothing")
    await _require_allowed(work, case, changed)
    if name := changed.get("component", ("",))[0]:
        changed["component"] = (require_component(work, name).component,)
    if clashing := [part for part in changed if mark_part(part, was[part]) != intent.seen[part]]:
        return await _refuse(work, case, was, changed, clashing)
    if "customer" in changed and not intent.redrawn:
        changed = _known_of(account, was) | changed
    event = CaseCorrected(case, {part: was[part] for part in changed})
    said = await _take(work, event, changed)
    if "customer" in changed:
        said |= await other_customer.follow_customer(
            work, case, was["customer"][1], (before, account), intent.follow
        )
    if "component" in changed and case.status in OPEN:
        said["offered"] = await offer_to_team(work, case)
    said |= await drop_outdated(work, case, event.was)
    await react(work, event)
    said |= {"pages": "pages" in event.followed, "withheld": len(event.withheld)}
    said["going"] = await count_going(work, case, event.was)
    await _tell(work, event, changed, said)
    await refresh_card(work, case)
    return None


def _known_of(account: Account | None, was: Mapping[str, Value]) -> dict[str, Value]:
    """Contact and language of another customer, where they differ from the case's.

    Without an account the contact becomes empty, and the language stays.
    """
    known: dict[str, Value] = {"contact": ("", "")}
    if account is not None:
        known = {"contact": (account.contact_name, account.contact_email)}
        known["language"] = (account.language,)
    return {part: value for part, value in known.items() if value != was[part]}


def _given(intent: EditCase, account: Account | None) -> dict[str, Value]:
    """What stands in the form for each part that it showed; what a case needs is never emptied."""
    given: dict[str, Value] = {
        "customer": (account.key, account.name) if account else ("", intent.customer),
        "stake": (intent.stake, QUOTED if intent.stake_quoted else ""),
        "trigger": (intent.trigger.value if intent.trigger else "",),
        "language": (intent.language.value if intent.language else "",),
        "component": (intent.component,),
        "ticket": (intent.ticket_url,),
        "contact": (intent.contact_name, intent.contact_email),
        "second": (intent.second_name, intent.second_email),
    }
    lacking = {part for part in NEEDED if not any(given[part][: 2 if part == "customer" else 1])}
    shown = set(intent.seen) - lacking
    return {part: value for part, value in given.items() if part in shown}


def _changed(
    was: Mapping[str, Value], given: Mapping[str, Value], seen: Mapping[str, str]
) -> dict[str, Value]:
    """What a person changed in the form, and is not there already."""
    marks = {part: mark_part(part, value) for part, value in given.items()}
    return {
        part: value
        for part, value in given.items()
        if marks[part] not in (seen[part], mark_part(part, was[part]))
    }


async def _require_allowed(work: UnitOfWork, case: Case, changed: Mapping[str, Value]) -> None:
    """Refuse what this person may not correct, or this case's status and flags do not allow.

    Raises UserError as ``require_permission``, ``edit_contacts_only``, ``edit_needs_flag``.
    """
    for row in sorted({PARTS[part] for part in changed}):
        await require_permission(work, case, row)
    if not set(changed) <= set(parts_open(Status(case.status))):
        raise UserError("edit_contacts_only", status=case.status)
    trigger = Trigger(changed["trigger"][0]) if "trigger" in changed else None
    flagged = case.legal if trigger is Trigger.LEGAL else case.executive
    if trigger in EXECUTIVE_TRIGGERS and not flagged:
        raise UserError("edit_needs_flag", trigger=trigger.value if trigger else "")


async def _refuse(
    work: UnitOfWork,
    case: Case,
    was: Mapping[str, Value],
    changed: Mapping[str, Value],
    clashing: list[str],
) -> Answer:
    """Keep what was written in the record, and say what is there now.

    Nothing of the form is taken where one part clashes. Timeline ``edit_refused``: ``values``, by
    part a list. The answer ``notice:edit_clash`` has ``changes`` (``part``, ``was``, ``now`` of
    those that clash: what is there, and what was written) and ``entries``, from which the form
    opens again.
    """
    kept = {part: list(value) for part, value in changed.items()}
    entry = work.note(case, REFUSED, after={"values": kept})
    await work.session.flush()
    rows = [_row(part, was[part], changed[part]) for part in clashing]
    return case_answer(case, "notice:edit_clash", changes=rows, entries=[entry.id])


def _row(part: str, was: Value, now: Value) -> dict[str, str]:
    """A row of ``changes``, as notices read it."""
    return {"part": part, "was": _line(part, was), "now": _line(part, now)}


def _line(part: str, value: Value) -> str:
    """A part's value as one text: a customer's name, a stake's words, a contact's line."""
    if part in CONTACTS:
        return contact_line(value)
    return value[1] if part == "customer" else value[0]


async def _take(
    work: UnitOfWork, event: CaseCorrected, changed: Mapping[str, Value]
) -> dict[str, Any]:
    """Change the columns, and note each part; answers the ids of the entries."""
    entries: list[TimelineEvent] = []
    for part, value in changed.items():
        _store(event.case, part, value, work.actor.user_id)
        noted = _noted(part, event.was[part]), _noted(part, value)
        entries.append(work.note(event.case, f"{PREFIX}{part}", before=noted[0], after=noted[1]))
    work.session.add(event.case)
    await work.session.flush()
    return {"entries": [entry.id for entry in entries]}


def _noted(part: str, value: Value) -> dict[str, Any]:
    """What the record keeps of a part: ``value`` whole, and under its name what is read."""
    name = {"language": "spoken"}.get(part, part)
    return {name: _line(part, value) or "–", "value": list(value)}


def _store(case: Case, part: str, value: Value, by: str) -> None:
    """Write a part into the case's columns; who gave an address answers for it."""
    match part:
        case "customer":
            case.account_key, case.customer = value[0] or None, value[1]
        case "stake":
            case.stake, case.stake_quoted = value[0], value[1] == QUOTED
        case "trigger":
            case.trigger = value[0]
        case "language":
            case.language = value[0]
        case "component":
            case.component = value[0]
        case "ticket":
            case.ticket_url = value[0]
        case "contact":
            case.contact_by = by if value[1] != case.contact_email else case.contact_by
            case.contact_name, case.contact_email = value
        case "second":
            case.second_by = by if value[1] != case.second_email else case.second_by
            case.second_name, case.second_email = value


async def _tell(
    work: UnitOfWork, event: CaseCorrected, changed: Mapping[str, Value], said: Mapping[str, Any]
) -> None:
    """Tell the channel, and the owner of another customer or contact.

    ``extra``: ``by``, ``changes`` (``part``, ``was``, ``now``, as lines), ``entries`` (ids), and
    what followed: ``offered`` (who of a component's team is offered the case), ``voided``,
    ``letter``, ``withheld``, ``going``, ``pages``, of another customer ``roles`` and ``calendar``.
    """
    case = event.case
    rows = [_row(part, event.was[part], value) for part, value in changed.items()]
    extra = {"by": work.actor.user_id, "changes": rows, **said}
    await effects.queue_post(work, case, "notice:case_edited", extra)
    reaching = {"customer", *CONTACTS} & set(changed)
    if reaching and case.owner != work.actor.user_id:
        await effects.queue_dm(work, case.owner, "notice:case_edited", case, extra)
