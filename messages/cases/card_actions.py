"""What the case card offers: the next step by status, and menus beside what they change.

A button's value names the case (``{"case": 7}``) and what the action needs; the ids are those of
``messages/kit/blocks.py``. Offering is a courtesy: every action asks again, under the case's lock,
whether the status and the person allow it, so a stale card does no harm.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from bot.rules.facts import CaseFacts
from bot.rules.learning.drills import VERBS
from bot.rules.lifecycle import LIVE, MINOR, OPEN, fits_status, missing_confirmations
from bot.rules.words import Drift, Language, MessageKind, Status
from messages.focus.card import focus_offered
from messages.kit.blocks import OVERFLOW_MAX, Block, ask_first, button, menu_item, overflow
from messages.kit.notice_spec import Facts
from messages.kit.texts import t

READ_IN_DRILL = frozenset({"timeline", "status", "why", "promises"})
ENDED = (Status.CLOSED, Status.MERGED)  # going on is possible, and not asked for


def next_steps(case: CaseFacts, language: Language) -> list[Block]:
    """Draw the buttons under the card: the next step first and primary, then the alternatives.

    A closed or merged case has no primary one: going on with it is possible, and not asked for. A
    status without a step, such as ``dismissed``, has only the menu of the record.
    """
    steps = [*filter(partial(_fits_drill, case), _steps(case)), *_drill_ends(case)]
    row = [
        button(
            action_id,
            t(language, key if "." in key else f"button.{key}"),
            {"case": case.number} | dict(values),
            style="primary" if number == 0 and case.status not in ENDED else "",
        )
        for number, (action_id, key, values) in enumerate(steps)
    ]
    menus = [each(case, language) for each in (record_menu, learned_menu, help_menu)]
    return [*row, *_comfort(case, language), *(each for each in menus if each)]


_Step = tuple[str, str, Mapping[str, Any]]


def _steps(case: CaseFacts) -> list[_Step]:
    """List the steps of a status, in order; differences in Slack add the button for repairs.

    A case without a channel gets "try again" in its place.
    """
    first = _composer("first_response", MessageKind.ACKNOWLEDGEMENT)
    update = _composer("update", MessageKind.UPDATE)
    workaround = _composer("workaround", MessageKind.WORKAROUND)
    resolve: _Step = ("ask:resolve", "resolve", {})
    close: _Step = ("ask:close", "close", {})
    held: _Step = ("ask:postmortem_held", "postmortem_held", {})
    confirms: _Step = (
        "ask:confirm", "customer_confirms", {"party": "customer", "comfortable": True},
    )  # fmt: skip
    steps: Mapping[Status, list[_Step]] = {
        Status.NEW: [("do:claim", "claim", {}), first],
        Status.ACKNOWLEDGED: [update, resolve] if case.sent else [first],
        Status.INVESTIGATING: [update, workaround, resolve],
        Status.MITIGATED: [update, resolve],
        Status.RESOLVED: [confirms, ("ask:reopen", "not_fixed", {})],
        Status.REVIEW: _review(case, held, close),
        Status.CLOSED: [("ask:reopen", "reopen", {})],
        Status.MERGED: [("do:unmerge", "unmerge", {})],
    }
    drift = {each.what for each in case.drift} if case.status in LIVE else set()
    word = "try_again" if Drift.NO_CHANNEL in drift else "mend"
    mend: list[_Step] = [("do:mend", word, {})] if drift else []
    return steps.get(case.status, []) + mend


def _review(case: CaseFacts, held: _Step, close: _Step) -> list[_Step]:
    """The postmortem comes before closing; a minor case may be closed without one."""
    if case.postmortem_at:
        return [close]
    return [held, close] if case.severity in MINOR else [held]


def _composer(key: str, kind: MessageKind) -> _Step:
    """Make the step that opens the composer; its value's ``kind`` says on which message."""
    number = list(MessageKind).index(kind) + 1  # two composers may stand side by side
    return (f"ask:update#{number}", key, {"kind": kind.value})


def _comfort(case: CaseFacts, language: Language) -> list[Block]:
    """Draw a button for each colleague who has yet to say that the resolution is good.

    The customer's word is recorded through a step of its own, since a person reports it. While the
    customer's letter waits for the technical lead, the last button sends it all the same.
    """
    if case.resolution_type is None or case.status not in OPEN:
        return []
    text, sure = t(language, "press.tell_anyway"), sure_to_tell({}, language)
    anyway = button("do:tell_anyway", text, {"case": case.number}, sure=sure)
    asked = [
        button(
            f"do:confirm#{number}",
            t(language, "button.comfortable", party=t(language, f"party.{party}")),
            {"case": case.number, "party": party, "comfortable": True},
        )
        for number, party in enumerate(missing_confirmations(case), start=1)
        if party != "customer"
    ]
    return [*asked, anyway] if case.letter else asked


def sure_to_tell(facts: Facts, language: Language) -> Block:
    """The question before the customer is told what the technical lead has not confirmed."""
    said = ("title", "text", "yes", "no")
    return ask_first(*(t(language, f"sure.tell_anyway_{part}") for part in said))


def _menu(case: CaseFacts, language: Language, number: int, *offered: str | _Step) -> Block | None:
    """Draw what fits the case's status; what would be refused is not offered.

    None when nothing fits. An entry is an interaction id, with the text ``menu.<verb>``, or a step
    with the name of its text and further values. ``number`` must be unique among the card's menus.
    At most five entries are shown.
    """
    steps = [each if isinstance(each, tuple) else (each, _verb(each), {}) for each in offered]
    items = [
        menu_item(action_id, t(language, f"menu.{key}"), {"case": case.number} | dict(values))
        for action_id, key, values in steps
        if _fits(case, action_id)
    ]
    return overflow(number, items)


def _fits(case: CaseFacts, offered: str | _Step) -> bool:
    action_id = offered[0] if isinstance(offered, tuple) else offered
    return fits_status(case.status, _verb(action_id)) and _fits_drill(case, offered)


def _fits_drill(case: CaseFacts, offered: str | _Step) -> bool:
    """Whether a drill has this step; of any other case nothing is asked."""
    action_id = offered[0] if isinstance(offered, tuple) else offered
    kind, _, name = action_id.partition("#")[0].partition(":")
    return not case.drill or name in (READ_IN_DRILL if kind == "show" else VERBS)


def _drill_ends(case: CaseFacts) -> list[_Step]:
    """A drill is ended from its card, with its review, or cancelled, as long as it runs."""
    runs = case.drill and case.status is not Status.DISMISSED
    ends: list[_Step] = [
        (f"do:{name}", f"press.{name}", {}) for name in ("end_drill", "cancel_drill")
    ]
    return ends if runs else []


def _verb(action_id: str) -> str:
    return action_id.partition(":")[2]


def customer_menu(case: CaseFacts, language: Language) -> Block | None:
    """Offer what reaches the customer beside messages, and correcting what is known of them.

    A bug is offered to be linked where none is, as long as there is room.

    Of a restricted case, sharing the page says so: the use case wants to hear it; one that is
    shared need not be shared again.
    """
    share: list[str | _Step] = [("do:share_status", "share_status", {})]
    if case.sensitive:
        share = [("do:share_status", "share_restricted", {"allow": True})]
        share = [] if case.shared else share
    ticket = "do:unlink_ticket" if case.helpdesk else "ask:link_ticket"
    taken_back: list[str | _Step] = ["do:revoke_status"] if case.shared else []
    if case.sensitive and not case.legal:
        taken_back.append(("ask:withdraw", "lift_restriction", {"what": "restriction"}))
    bug = [] if case.bug or taken_back else ["ask:link_bug"]
    offered: list[str | _Step] = ["show:templates", "ask:edit_case", ticket, *share, *taken_back]
    return _menu(case, language, 5, *offered, *bug)


def case_menu(case: CaseFacts, language: Language) -> Block | None:
    """Offer what changes the case itself: severity, executives, hold or resume, dismissal."""
    offered: list[str | _Step] = ["ask:severity", "ask:ask_executive"]
    flag: _Step = ("ask:withdraw", "withdraw_flag", {"what": "flag"})
    offered.append(flag if case.executive or case.legal else "ask:executive_flag")
    if case.status in OPEN:
        offered.append("do:resume" if case.hold else "ask:hold")
    ends = fits_status(case.status, "dismiss")
    offered.append("ask:dismiss" if ends else "ask:log_contact")
    return _menu(case, language, 1, *offered)


def legal_menu(case: CaseFacts, language: Language) -> Block | None:
    """Offer what belongs to a legal case: that it is filed, a channel for Legal, the hold's end."""
    filed: _Step = ("ask:executive_flag", "legal_filed", {"trigger": "legal", "filed": True})
    more: list[str | _Step] = [filed] if case.legal and not case.legal_filed else []
    more += ["do:open_legal_room"] if case.legal or case.legal_hold_at else []
    more += ["ask:end_legal_hold"] if case.legal_hold_at else []
    return _menu(case, language, 6, *more)


def people_menu(case: CaseFacts, language: Language) -> Block | None:
    """Offer what changes who does what, and the problem that several customers may share.

    A problem is offered to a live, unrestricted case that has none yet. Taking over is for those
    above its escalation manager; until somebody claims it, that is the card's first button.
    """
    taken = case.status in LIVE and case.status is not Status.NEW
    shared = case.status in LIVE and case.problem is None and not case.sensitive
    more: list[str | _Step] = ["do:claim"] if taken else []
    if case.handovers:
        offer = f"handover:{case.handovers[0].id}"
        more.append(("ask:withdraw", "withdraw_offer", {"what": offer}))
    more += ["show:problem"] if shared else []
    more += ["do:unlink_case"] if case.problem else []
    offered: list[str | _Step] = ["ask:assign", "ask:hand_over", *more]
    money = ["ask:request_concession"] if len(offered) < OVERFLOW_MAX else []
    return _menu(case, language, 2, *offered, *money)


def clock_menu(case: CaseFacts, language: Language) -> Block | None:
    """Offer what moves or explains the clocks; they are explained while the case is live."""
    explained = ["show:why", "show:promises"] if case.status in LIVE else []
    status = ["show:status"] if case.status in OPEN else []
    urgency = ["ask:set_urgency"] if case.status in OPEN else []
    return _menu(case, language, 3, "ask:customer_replied", *status, *explained, *urgency)


def record_menu(case: CaseFacts, language: Language) -> Block | None:
    """Offer the record, which every status has, what is learned from the case, and, before its
    review, merging it into another or closing it as a duplicate.

    A decision is offered to be recorded as long as there is room, then a hold for Legal.
    """
    duplicate = ["ask:close"] if case.status in (*OPEN, Status.RESOLVED) else []
    duplicate = ["ask:merge", *duplicate]
    offered = ("show:timeline", "ask:action_item", "do:postmortem", "ask:postmortem_held")
    more: list[str | _Step] = []
    if case.resolution_type and case.status in OPEN:
        more.append(("ask:withdraw", "withdraw_resolution", {"what": "resolution"}))
    entries = [*offered, *more, *duplicate]
    kept = [] if case.legal_hold_at else ["ask:begin_legal_hold"]
    room = max(OVERFLOW_MAX - sum(_fits(case, each) for each in entries), 0)
    wished = [each for each in ("ask:decide", *kept) if _fits(case, each)]
    return _menu(case, language, 4, *entries, *wished[:room])


def learned_menu(case: CaseFacts, language: Language) -> Block | None:
    """Offer what other cases have taught, while the case is open, and who else may meet it.

    The latter once it is known of which component it is, unless only those on it may know of it.
    """
    offered = ["show:similar", "show:playbook", "ask:swarm"] if case.status in OPEN else []
    if case.component and not case.sensitive and fits_status(case.status, "tell_csms"):
        offered.append("show:outreach")
    return _menu(case, language, 9, *offered)


def help_menu(case: CaseFacts, language: Language) -> Block | None:
    """Offer what helps those who solve it: quiet for the technical lead, questions to the lead."""
    return _menu(case, language, 10, *focus_offered(case))
