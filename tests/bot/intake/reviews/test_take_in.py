"""A review is taken in once; a bad one waits in triage, and a change of it is shown there."""

from datetime import timedelta
from typing import Any

import pytest

from bot.errors import UserError
from bot.intake.reviews.podium import find_signs
from bot.intake.reviews.queries import ReviewReading
from bot.intake.reviews.take_in import ReviewTaken, take_in_review
from bot.rules.intake import Reason
from bot.rules.reviews.review import GivenReview, ReviewSource
from bot.rules.states import CandidateState
from storage.models import Candidate, Outbox, Review, ReviewEdit, Signal
from tests.bot.stage import ANNA, BILL, EMMA, STRANGER, T0, Stage

LINK = "https://www.g2.com/products/x/reviews/4711"
CARD = "4111 1111 1111 1111"


async def arrives(stage: Stage, key: str = "r1", **given: Any) -> ReviewTaken:
    usual: dict[str, Any] = {
        "source": ReviewSource.G2, "rating": "2/5", "text": "Slow and rude", "author": "Joe",
        "link": LINK, "written_at": T0 - timedelta(days=1),
    }  # fmt: skip
    async with stage.database.write() as session:
        return await take_in_review(stage.work(session), GivenReview(key=key, **{**usual, **given}))


async def only(stage: Stage) -> Review:
    (found,) = await stage.rows(Review)
    return found


async def dms(stage: Stage, user: str) -> list[dict[str, Any]]:
    return [r.payload for r in await stage.rows(Outbox, kind="dm") if r.payload["user"] == user]


async def test_a_bad_review_waits_in_triage_and_owes_a_reply(stage: Stage) -> None:
    taken = await arrives(stage, text=f"Charged twice on {CARD}")
    (candidate,) = await stage.rows(Candidate)
    (signal,) = await stage.rows(Signal)
    assert (taken.outcome, taken.review.owed) == ("new", True)
    assert candidate.reasons == {"found": ["bad_rating"]}
    assert (signal.rating, signal.link, signal.thread) == ("2/5", LINK, "r1")
    assert (await only(stage)).text == signal.text == "Charged twice on •••"
    assert (await only(stage)).due_at > T0


async def test_a_good_review_owes_a_reply_and_is_no_candidate(stage: Stage) -> None:
    await arrives(stage, rating="5/5")
    assert await stage.rows(Candidate) == []
    waiting, count = await ReviewReading(stage.services()).waiting()
    assert (count, waiting[0].bad, waiting[0].owner) == (1, False, "")


async def test_an_old_review_is_kept_and_asks_for_nothing(stage: Stage) -> None:
    taken = await arrives(stage, written_at=T0 - timedelta(days=91))
    assert taken.outcome == "old"
    assert await stage.rows(Candidate) == []
    assert (await ReviewReading(stage.services()).waiting())[1] == 0
    assert (await arrives(stage, written_at=T0 - timedelta(days=91))).outcome == "known"


async def test_a_change_is_another_report_of_the_same_candidate(stage: Stage) -> None:
    await arrives(stage)
    assert (await arrives(stage)).outcome == "known"
    assert (await arrives(stage, rating="2", text="Slow  and rude")).outcome == "known"
    changed = await arrives(stage, rating="1/5", text="Slow, rude, and gone")
    assert changed.outcome == "changed"
    (candidate,) = await stage.rows(Candidate)
    assert candidate.signals == 2
    assert "edited" in candidate.reasons["found"]
    (edit,) = await stage.rows(ReviewEdit)
    assert (edit.rating_before, edit.rating_after) == ("2/5", "1/5")
    last = (await stage.rows(Signal))[-1]
    assert last.rating == "2/5 → 1/5"
    assert "Slow and rude" in last.text
    assert "Slow, rude, and gone" in last.text


async def test_a_change_after_the_decision_makes_no_other_candidate(stage: Stage) -> None:
    await arrives(stage)
    await stage.do(EMMA, "take_review", review=1)
    await stage.do(EMMA, "dismiss_candidate", candidate=1, reason="Answered there")
    await arrives(stage, rating="4/5", text="They called me")
    (candidate,) = await stage.rows(Candidate)
    assert (candidate.state, candidate.signals) == (CandidateState.DISMISSED, 1)
    (told,) = await dms(stage, EMMA)
    assert told["text"] == "review:changed"
    assert told["extra"]["rating_before"] == "2/5"
    assert told["extra"]["text_after"] == "They called me"
    (shown,), _ = await ReviewReading(stage.services()).waiting()
    assert (shown.edits, shown.rating, shown.rating_before) == (1, "4/5", "2/5")


async def test_a_change_in_an_escalated_review_comes_to_its_case(stage: Stage) -> None:
    await arrives(stage)
    await stage.opened(candidate=1)
    await arrives(stage, rating="1/5")
    assert [s.case_number for s in await stage.rows(Signal)] == [1, 1]
    await stage.do(EMMA, "dismiss", case=1, reason="It is solved")
    await arrives(stage, rating="3/5")
    assert len(await stage.rows(Signal)) == 2
    assert len(await stage.rows(Candidate)) == 1


async def test_a_good_review_that_turns_bad_comes_to_triage(stage: Stage) -> None:
    await arrives(stage, rating="5/5")
    await arrives(stage, rating="1/5")
    (candidate,) = await stage.rows(Candidate)
    assert candidate.reasons == {"found": ["bad_rating"]}


async def test_an_older_state_that_comes_late_changes_nothing(stage: Stage) -> None:
    await arrives(stage, rating="1/5", edited_at=T0)
    late = await arrives(stage, rating="5/5", edited_at=T0 - timedelta(hours=1))
    assert (late.outcome, (await only(stage)).rating) == ("known", "1/5")


async def test_a_date_that_is_still_to_come_makes_no_later_change_an_older_one(
    stage: Stage,
) -> None:
    far = T0 + timedelta(days=3650)
    await arrives(stage, rating="1/5", edited_at=far)
    assert (
        await arrives(stage, rating="2/5", edited_at=far - timedelta(days=1))
    ).outcome == "known"
    stage.later(hours=1)
    assert (await arrives(stage, rating="5/5", edited_at=stage.now)).outcome == "changed"
    assert (await only(stage)).rating == "5/5"
    assert (await arrives(stage, rating="1/5", edited_at=T0)).outcome == "known"


async def test_a_pasted_link_is_the_review_that_was_imported(stage: Stage) -> None:
    await arrives(stage, "4711", link=f"{LINK}?utm_source=mail")
    answer = await stage.do(
        ANNA, "add_review", source="g2", link=f"{LINK}/#top", author="Joe", rating="1",
        text="Slow and rude", written=T0.date().isoformat(),
    )  # fmt: skip
    assert answer is not None
    assert answer["text"] == "review:pasted_changed"
    assert len(await stage.rows(Review)) == 1


async def test_podiums_reviews_are_told_apart_though_their_links_are_one(stage: Stage) -> None:
    for key in ("a", "b"):
        await arrives(stage, key, source=ReviewSource.PODIUM, link="https://www.podium.com/")
    assert len(await stage.rows(Review)) == 2


async def test_a_pasted_review_needs_a_link_and_a_rating(stage: Stage) -> None:
    fields: dict[str, Any] = {
        "source": "g2", "link": LINK, "author": "Joe", "rating": "2", "written": "2026-01-01",
    }  # fmt: skip
    with pytest.raises(UserError, match="review_needs_link"):
        await stage.do(ANNA, "add_review", **{**fields, "link": ""})
    with pytest.raises(UserError, match="review_rating_unread"):
        await stage.do(ANNA, "add_review", **{**fields, "rating": "awful"})
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(STRANGER, "add_review", **fields)


async def test_the_reply_has_an_owner_and_a_time(stage: Stage) -> None:
    await arrives(stage)
    await stage.do(ANNA, "take_review", review=1)
    await stage.do(BILL, "take_review", review=1)
    (told,) = await dms(stage, ANNA)
    assert (told["text"], told["extra"]["by"]) == ("review:taken_over", BILL)
    early = (T0 - timedelta(days=2)).isoformat()
    with pytest.raises(UserError, match="review_reply_too_early"):
        await stage.do(BILL, "record_review_reply", review=1, at=early)
    await stage.do(BILL, "record_review_reply", review=1, text="We are sorry")
    row = await only(stage)
    assert (row.owner, row.replied_by, row.reply) == (BILL, BILL, "We are sorry")
    assert (await ReviewReading(stage.services()).waiting())[1] == 0
    (answered,) = await ReviewReading(stage.services()).answered()
    assert answered.replied_at == stage.now
    for verb in ("take_review", "record_review_reply"):
        with pytest.raises(UserError, match="review_answered"):
            await stage.do(ANNA, verb, review=1)
        with pytest.raises(UserError, match="no_such_review"):
            await stage.do(ANNA, verb, review=99)
        with pytest.raises(UserError, match="not_your_role"):
            await stage.do(STRANGER, verb, review=1)


async def test_a_reply_that_the_site_knows_of_is_no_longer_owed(stage: Stage) -> None:
    await arrives(stage)
    await arrives(stage, replied_at=T0, reply="Sorry")
    row = await only(stage)
    assert (row.replied_at, row.reply, row.replied_by) == (T0, "Sorry", "")


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("I will cancel and tell everyone", (Reason.THREAT,)),
        ("You will hear from my LAWYER", (Reason.LEGAL_THREAT,)),
        ("Can I speak to the manager?", (Reason.ASKED,)),
        ("Θα ακυρώσω, θέλω τα λεφτά μου πίσω", (Reason.THREAT,)),
        ("θα μιλήσω με τον δικηγόρο μου", (Reason.LEGAL_THREAT,)),
        ("thelo na miliso me ton ypefthyno", (Reason.ASKED,)),
        ("tha akyroso tin paraggelia", (Reason.THREAT,)),
        ("Ευχαριστώ, όλα καλά", ()),
        ("See you at ten", ()),
    ],
)
def test_a_message_shows_by_its_words_that_it_needs_a_person(
    text: str, reasons: tuple[Reason, ...]
) -> None:
    assert find_signs(text) == reasons
