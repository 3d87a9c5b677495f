"""What people ask for, as data: one model a verb, validated at the door, stored in the inbox.

A modal's ``callback_id`` is the verb, and each input's ``block_id`` is the field's name, so one
translation serves every form. ``FieldProblem`` keys are texts under ``field.`` in the locale.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from bot.engine.intent import (
    Clean,
    Email,
    Intent,
    Line,
    MoneyAmount,
    OnCase,
    OptionalLine,
    OptionalText,
    SlackUser,
    Text,
    Url,
)
from bot.problem_intents import PROBLEM_INTENTS
from bot.rules.tone.lint import mentions_concession
from bot.rules.words import (
    ActionType,
    AskMeaning,
    ClosureCode,
    Drift,
    HoldReason,
    Language,
    MessageKind,
    ResolutionType,
    Role,
    RootCause,
    Severity,
    Trigger,
)


class OpenCase(Intent):
    """Escalate. ``account`` is an account's key, or empty with ``customer`` a new name."""

    verb: ClassVar[str] = "open_case"
    account: OptionalLine = ""
    customer: Line
    stake: Text
    trigger: Trigger
    severity: Severity
    ticket_url: Url = ""
    contact_name: OptionalLine = ""
    contact_email: Email = ""
    language: Language | None = None  # the account's, else the team's
    sensitive: bool = False
    source_link: Url = ""
    from_channel: str = ""


class Claim(OnCase):
    """Take charge of the case as its escalation manager."""

    verb: ClassVar[str] = "claim"


class Assign(OnCase):
    """Give a role on the case to somebody."""

    verb: ClassVar[str] = "assign"
    role: Role
    user: SlackUser


class HandOver(OnCase):
    """Offer one's role to somebody, with what they need to know."""

    verb: ClassVar[str] = "hand_over"
    role: Role
    user: SlackUser
    summary: Text


class AnswerHandover(OnCase):
    """Accept an offered role, or refuse it with a reason."""

    verb: ClassVar[str] = "answer_handover"
    handover: int
    accept: bool
    reason: OptionalText = ""


class ChangeSeverity(OnCase):
    """Raise (anyone on the case) or lower (escalation managers) the severity, saying why."""

    verb: ClassVar[str] = "severity"
    severity: Severity
    reason: Text


class Update(OnCase):
    """Record what a human sent to the customer, word for word, or send it.

    The desk sends it by the routes ``mail`` and, into the case's ticket, that of its help desk.

    ``link`` is where it can be read, when they sent it themselves; ``sent_at`` None means now.
    """

    verb: ClassVar[str] = "update"
    kind: MessageKind
    text: Text
    recipient: Line
    route: Line
    link: Url = ""
    next_update_at: datetime | None = None
    sent_at: datetime | None = None
    workaround: OptionalText = ""
    draft: int | None = None  # the stored draft that the form was filled from
    reply: int | None = None  # the answer in a ticket that it was filled from


class CustomerReplied(OnCase):
    """Record that the customer wrote, and when."""

    verb: ClassVar[str] = "customer_replied"
    summary: Text
    at: datetime | None = None


class StatusReport(OnCase):
    """The technical lead's ten-second answer to a check-in."""

    verb: ClassVar[str] = "status"
    standing: Annotated[str, StringConstraints(pattern="^(on_track|blocked|need_help|eta_moved)$")]
    remark: OptionalText = ""


class Hold(OnCase):
    """Pause the clocks that may pause, for a listed reason, until a check date."""

    verb: ClassVar[str] = "hold"
    reason: HoldReason
    until: datetime
    note: OptionalText = ""


class Resume(OnCase):
    """End a hold."""

    verb: ClassVar[str] = "resume"


class Resolve(OnCase):
    """Describe the fix or workaround and record the notice sent to the customer."""

    verb: ClassVar[str] = "resolve"
    type: ResolutionType
    note: Text
    text: Text
    recipient: Line
    route: Line = "email"
    link: Url = ""
    draft: int | None = None  # the stored draft that the form was filled from


class AnswerDraft(OnCase):
    """A second person's word on a customer message; ``digest`` is of the text they were shown."""

    verb: ClassVar[str] = "answer_draft"
    draft: int
    digest: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
    approve: bool
    remark: OptionalText = ""


class Confirm(OnCase):
    """Say whether a party is comfortable with the resolution's quality."""

    verb: ClassVar[str] = "confirm"
    party: Annotated[
        str, StringConstraints(pattern="^(customer|escalation_manager|technical_lead)$")
    ]
    comfortable: bool
    remark: OptionalText = ""


class Close(OnCase):
    """Close a reviewed case. ``waived`` is the reason why no postmortem is held (SEV3, SEV4)."""

    verb: ClassVar[str] = "close"
    code: ClosureCode
    root_cause: RootCause
    waived: OptionalText = ""


class Reopen(OnCase):
    """The customer says that it is not fixed."""

    verb: ClassVar[str] = "reopen"
    reason: Text


class Dismiss(OnCase):
    """Not an escalation: why, and what the reporter is told."""

    verb: ClassVar[str] = "dismiss"
    reason: Text


class ExecutiveFlag(OnCase):
    """Bring in executives: a threat to cancel, a legal threat, something extraordinary."""

    verb: ClassVar[str] = "executive_flag"
    trigger: Trigger
    reason: Text


class AskExecutive(OnCase):
    """Ask an executive for a decision that only they can take.

    ``meaning`` says what a yes allows. A question that speaks of money must say it, so that
    nobody has to guess; an offer names its amount and currency.
    """

    verb: ClassVar[str] = "ask_executive"
    user: SlackUser
    question: Annotated[str, Clean, StringConstraints(min_length=1, max_length=300)]
    meaning: Annotated[AskMeaning | None, Field(validate_default=True)] = None
    amount: Annotated[MoneyAmount, Field(validate_default=True)] = None
    currency: Annotated[str, StringConstraints(pattern=r"^([A-Z]{3}|%)$")] = "EUR"

    @field_validator("meaning")
    @classmethod
    def _said(cls, meaning: AskMeaning | None, info: ValidationInfo) -> AskMeaning | None:
        if meaning is None and mentions_concession(info.data.get("question", "")):
            raise PydanticCustomError("missing", "missing")
        return meaning

    @field_validator("amount")
    @classmethod
    def _named(cls, amount: Decimal | None, info: ValidationInfo) -> Decimal | None:
        if amount is None and info.data.get("meaning") is AskMeaning.OFFER:
            raise PydanticCustomError("missing", "missing")
        return amount


class AnswerAsk(OnCase):
    """An executive's decision on what they were asked."""

    verb: ClassVar[str] = "answer_ask"
    ask: int
    approve: bool
    remark: OptionalText = ""


class MakePostmortem(OnCase):
    """Post the agenda again, with the facts as they are now."""

    verb: ClassVar[str] = "postmortem"


class PostmortemHeld(OnCase):
    """Record that the meeting took place."""

    verb: ClassVar[str] = "postmortem_held"
    root_cause: Text
    better: Text
    facilitator: SlackUser | None = None


class AddAction(OnCase):
    """An action item: one owner, one due date."""

    verb: ClassVar[str] = "action_item"
    title: Line
    type: ActionType
    owner: SlackUser
    due: date


class ActionDone(OnCase):
    """An action item is done, with the evidence."""

    verb: ClassVar[str] = "action_done"
    action: int
    evidence: Text


class Seen(OnCase):
    """Somebody read a breach notice: it is not repeated to them."""

    verb: ClassVar[str] = "seen"
    clock: str = Field(max_length=60)
    cycle: int = 1


class Look(OnCase):
    """Something happened to the case's channel; ``hint`` is what it may have been."""

    verb: ClassVar[str] = "look"
    hint: Drift | None = None


class Mend(OnCase):
    """Put right what Slack shows otherwise; ``new`` opens another channel for a lost one."""

    verb: ClassVar[str] = "mend"
    way: Annotated[str, StringConstraints(pattern="^(same|new)$")] = "same"


class ReleaseMail(OnCase):
    """A mail that was kept back is the customer's."""

    verb: ClassVar[str] = "release_mail"
    mail: int


class DropMail(OnCase):
    """A mail that was kept back is not the customer's."""

    verb: ClassVar[str] = "drop_mail"
    mail: int


class ShareStatus(OnCase):
    """A link to the customer's status page; ``allow`` is needed for a restricted case."""

    verb: ClassVar[str] = "share_status"
    allow: bool = False


class RevokeStatus(OnCase):
    """Links to the customer's status page stop working."""

    verb: ClassVar[str] = "revoke_status"


class LinkTicket(OnCase):
    """The case is about this ticket or conversation in a help desk."""

    verb: ClassVar[str] = "link_ticket"
    url: Annotated[Url, StringConstraints(min_length=1)]


class UnlinkTicket(OnCase):
    """The case is linked to no ticket any more."""

    verb: ClassVar[str] = "unlink_ticket"


class TalkBreach(OnCase):
    """The conversation after a broken promise: with whom, how it went, what was offered."""

    verb: ClassVar[str] = "breach_talk"
    talk: int
    way: Annotated[str, StringConstraints(pattern="^(call|meeting|message|not_reached)$")]
    outcome: Text
    offered: OptionalLine = ""


class ProposeTemplate(Intent):
    """New words for a kind of message, to be approved by somebody else."""

    verb: ClassVar[str] = "propose_template"
    kind: MessageKind
    language: Language
    body: Text
    why: Line
    expires: date


class AnswerTemplate(Intent):
    """An approver's word on proposed words."""

    verb: ClassVar[str] = "answer_template"
    template: int
    approve: bool
    remark: OptionalText = ""


class WithdrawTemplate(Intent):
    """Take approved words out of use."""

    verb: ClassVar[str] = "withdraw_template"
    template: int
    reason: Text


CASE_INTENTS: tuple[type[Intent], ...] = (
    OpenCase, Claim, Assign, HandOver, AnswerHandover, ChangeSeverity, Update,
    CustomerReplied, StatusReport, Hold, Resume, Resolve, Confirm, Close, Reopen, Dismiss,
    ExecutiveFlag, AskExecutive, AnswerAsk, MakePostmortem, PostmortemHeld, AddAction,
    ActionDone, Seen, AnswerDraft, ProposeTemplate, AnswerTemplate, WithdrawTemplate,
    ReleaseMail, DropMail, ShareStatus, RevokeStatus, TalkBreach, Look, Mend, LinkTicket,
    UnlinkTicket,
)  # fmt: skip

INTENTS: Mapping[str, type[Intent]] = {
    model.verb: model for model in (*CASE_INTENTS, *PROBLEM_INTENTS)
}
