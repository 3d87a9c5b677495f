"""The words of the sponsorship programme. Values that are stored never change."""

from enum import StrEnum


class SponsorshipTopic(StrEnum):
    """What the programme must say before it is active, in the order in which it is read."""

    PURPOSE = "purpose"  # why there is a programme
    METRICS = "metrics"  # by what it is judged
    DUTIES = "duties"  # of a sponsor
    TRAINING = "training"  # for executives
    ENTRY = "entry"  # by what accounts come in
    EXIT = "exit"  # by what they go, and after how long


class TouchKind(StrEnum):
    """How a sponsor was in contact with the customer."""

    CALL = "call"
    MEETING = "meeting"
    VISIT = "visit"
    EVENT = "event"
    MESSAGE = "message"


class SponsorshipExit(StrEnum):
    """Why an account leaves the programme, as a person decided."""

    LENGTH_REACHED = "length_reached"
    GOALS_MET = "goals_met"
    CUSTOMER_WISH = "customer_wish"
    CUSTOMER_LEFT = "customer_left"
    NO_SPONSOR = "no_sponsor"
    OTHER = "other"


class ExitGround(StrEnum):
    """Why the app asks whether an account is to leave."""

    LENGTH = "length"  # the membership has lasted as long as the programme says
    QUIET = "quiet"  # two quarters without an executive case, and no unhappy answer
    REVIEW = "review"  # its day has come, and nothing else speaks for an end


class NextStep(StrEnum):
    """What a sponsor does next, by their brief; the most pressing first. Never stored."""

    ANSWER = "answer"  # a question that was asked of them
    CALL_LATE = "call_late"  # the contact of a quarter is overdue
    CASES = "cases"  # a grave case is open: ask its owner before speaking
    BROKEN = "broken"  # promises were broken: say so before the customer does
    UNHAPPY = "unhappy"  # the customer answered that they are not content
    COMMITMENTS = "commitments"  # what the customer was promised is late
    RENEWAL = "renewal"  # it is near
    DECIDE = "decide"  # whether the membership ends
    READ = "read"  # confirm the brief of the beginning
    CALL = "call"  # the contact of the quarter
    STAY = "stay"  # nothing presses
