"""What the webhook answers, as models: requests are answered by them, and OpenAPI shows them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

Code = Literal[
    "unsigned", "replayed", "malformed", "invalid", "too_large", "too_slow", "too_many",
    "unknown_key", "come_again",
]  # fmt: skip
State = Literal["waiting", "escalated", "added", "logged", "dismissed"]
Kind = Literal["unknown_field", "missing", "wrong_date", "wrong_value", "too_long", "malformed"]


class ReportAnswer(BaseModel):
    """What became of a report so far."""

    reference: str = Field(
        description="What the app calls it: CAN-12 while it waits or was decided on, ESC-7 where it"
        " came to an open case at once."
    )
    source: str
    key: str = Field(description="Your key of the report.")
    state: State = Field(
        description="waiting: a person decides. escalated: it is a case. added: it belongs to a"
        " case that was there. logged: minor, and kept. dismissed: it is no escalation."
    )
    case: str = Field("", description="The case that it belongs to, such as ESC-7.")
    told: str = Field("", description="Words that may be passed on to the customer.")
    decided_at: datetime | None = None
    remarks: list[str] = Field(
        default_factory=list, description="What was understood otherwise than it was sent."
    )


class Problem(BaseModel):
    """One thing that is wrong with a request: where, what, and what to do about it."""

    kind: Kind
    where: str = Field(description="The field, such as contact.email; empty: the whole body.")
    what: str
    do: str


class Refusal(BaseModel):
    """Why a request was refused; nothing of it was stored."""

    error: Code
    message: str = Field(description="What is wrong, and what to do.")
    problems: list[Problem] = Field(default_factory=list)
