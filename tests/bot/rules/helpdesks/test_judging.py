"""Which tickets the policy's rules make candidates, and on which grounds."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.rules.helpdesks.judging import Ground, choose_properties, is_open_there, judge_ticket
from bot.rules.helpdesks.terms import CandidateRule, HelpDeskTerms, Moment, Score
from bot.rules.helpdesks.tickets import Rating, TicketState
from bot.rules.words import HelpDesk, Severity

NOW = datetime(2027, 2, 8, 9, 0, tzinfo=UTC)
BAD = Rating("71", Score.BAD, "not_good", "Slow", NOW)
TICKET = TicketState(
    "5", "https://x.example/5", "open", tags=frozenset({"VIP", "billing"}), mailbox="85",
    priority="urgent", rating=BAD, breach_at=NOW + timedelta(minutes=30),
    properties={"Plan": "Enterprise", "secret": "x"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "grounds"),
    [
        (CandidateRule(tag="vip"), (Ground.TAG,)),
        (CandidateRule(tag="other"), ()),
        (CandidateRule(mailbox="85"), (Ground.PLACE,)),
        (CandidateRule(mailbox="8"), ()),
        (CandidateRule(status="open", mailbox="85"), (Ground.PLACE,)),
        (CandidateRule(status="closed", tag="vip"), ()),
        (CandidateRule(priority="Urgent"), (Ground.PRIORITY,)),
        (CandidateRule(rating=Score.BAD, tag="vip"), (Ground.TAG, Ground.RATING)),
        (CandidateRule(rating=Score.OKAY), ()),
        (CandidateRule(breach_within=timedelta(hours=1)), (Ground.BREACH,)),
        (CandidateRule(breach_within=timedelta(minutes=29)), ()),
    ],
)
def test_a_rule_holds_where_all_that_it_names_is_so(
    rule: CandidateRule, grounds: tuple[Ground, ...]
) -> None:
    assert judge_ticket(TICKET, HelpDeskTerms((rule,)), NOW).grounds == grounds


def test_without_rules_nothing_is_a_candidate() -> None:
    assert judge_ticket(TICKET, HelpDeskTerms(), NOW).grounds == ()


def test_of_several_rules_the_gravest_severity_is_suggested() -> None:
    rules = (
        CandidateRule(tag="vip", severity=Severity.SEV3),
        CandidateRule(tag="billing", severity=Severity.SEV2),
        CandidateRule(tag="other", severity=Severity.SEV1),
    )
    assert judge_ticket(TICKET, HelpDeskTerms(rules), NOW).severity is Severity.SEV2


def test_a_tag_that_we_set_ourselves_is_no_ground() -> None:
    terms = HelpDeskTerms((CandidateRule(tag="vip"),), tags={Moment.ESCALATED: "Vip"})
    assert judge_ticket(TICKET, terms, NOW).grounds == ()


def test_a_target_that_is_over_counts_as_near() -> None:
    late = CandidateRule(breach_within=timedelta(minutes=1))
    grounds = judge_ticket(TICKET, HelpDeskTerms((late,)), NOW + timedelta(days=1)).grounds
    assert grounds == (Ground.BREACH,)


def test_only_the_properties_that_are_named_are_shown() -> None:
    assert choose_properties(TICKET, HelpDeskTerms()) == {"plan": "Enterprise"}
    assert choose_properties(TICKET, HelpDeskTerms(properties=())) == {}


@pytest.mark.parametrize("desk", list(HelpDesk))
def test_of_every_help_desk_it_is_known_in_which_statuses_somebody_has_to_act(
    desk: HelpDesk,
) -> None:
    assert is_open_there(desk, {"helpscout": "active"}.get(desk.value, "open"))
    assert not is_open_there(desk, "closed")
