"""In a legal case what admits fault waits for Legal's yes to exactly it, in both languages."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.errors import UserError
from bot.rules.tone.lint import Rule, Setting, Weight, find_liability, lint_message
from bot.rules.words import Language, Role
from storage.models import Draft, SentMessage
from tests.bot.policies import policy
from tests.bot.stage import ANNA, EMMA, LAWYER, ROLES, Stage

NEXT = {"en": "I write again at 14:00.", "el": "Θα σας γράψω ξανά στις 14:00."}
ADMITS = [
    ("en", "It was our fault."), ("en", "We are liable for the outage."),
    ("en", "We should have told you."), ("en", "Due to our negligence the orders are gone."),
    ("en", "I am sorry that we lost your data."), ("en", "This is on us."),
    ("en", "We broke the contract."), ("en", "The responsibility lies with us."),
    ("en", "We were wrong."),
    ("el", "Φταίμε εμείς."), ("el", "Ήταν δικό μας λάθος."),
    ("el", "Αναγνωρίζουμε το σφάλμα μας."), ("el", "Με υπαιτιότητά μας χάθηκαν οι παραγγελίες."),
    ("el", "Παραβιάσαμε τη σύμβαση."), ("el", "ftaime emeis gia ti zimia"),
    ("el", "Έπρεπε να σας είχαμε ενημερώσει."), ("el", "Η ομάδα μας έκανε λάθος."),
]  # fmt: skip
PLAIN = [
    ("en", "We do not admit liability."), ("en", "I am responsible for your case."),
    ("en", "We have received your letter and the people responsible are looking into it."),
    ("en", "The error message says 404."), ("en", "We will answer your claim in writing."),
    ("el", "Δεν αναγνωρίζουμε καμία ευθύνη."), ("el", "Είμαι η υπεύθυνη της υπόθεσής σας."),
    ("el", "Λάβαμε την επιστολή σας και την εξετάζουν οι αρμόδιοι."),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), ADMITS)
def test_what_admits_fault_is_found(language: str, text: str) -> None:
    assert find_liability(text, Language(language))


@pytest.mark.parametrize(("language", "text"), PLAIN)
def test_what_admits_nothing_is_let_alone(language: str, text: str) -> None:
    assert find_liability(text, Language(language)) == ()


def test_the_customers_own_words_are_no_admission() -> None:
    theirs = "You wrote it was our fault"
    assert find_liability(f"{theirs}, and we read it.", Language.ENGLISH, (theirs,)) == ()


# Lines of kind, language and sentence. Somebody else wrote them before the phrases that find them
# now: 21 of 50 English and 26 of 50 Greek admissions were found then, 47 and 46 others let alone.
LINES = Path(__file__).parents[2] / "data" / "tone" / "liability.txt"
FOUND_MIN, ALONE_MIN = {"en": 45, "el": 47}, {"en": 50, "el": 50}  # by what is below, of 50
MONEY = frozenset({Rule.LIABILITY, Rule.CONCESSION})


def lines(kind: str, language: str) -> list[str]:
    """The sentences of a kind in a language."""
    told = (line.split("\t") for line in LINES.read_text(encoding="utf-8").splitlines())
    return [text for what, tongue, text in told if (what, tongue) == (kind, language)]


def stops(text: str, language: str) -> bool:
    """True when the text is stopped in a legal case, for what it admits or for what it offers."""
    setting = Setting(Language(language), letter=False, liability=Weight.STOP)
    return any(each.stops and each.rule in MONEY for each in lint_message(text, setting))


@pytest.mark.parametrize("language", ["en", "el"])
def test_what_another_hand_wrote_is_judged_as_measured(language: str) -> None:
    admit, plain = lines("stop", language), lines("pass", language)
    assert (len(admit), len(plain)) == (50, 50)
    found = [text for text in admit if find_liability(text, Language(language))]
    assert len(found) >= FOUND_MIN[language]
    alone = [text for text in plain if not find_liability(text, Language(language))]
    assert len(alone) >= ALONE_MIN[language]
    assert [text for text in admit if not stops(text, language)] == []
    assert [text for text in plain if stops(text, language)] == []


async def legal_case(stage: Stage) -> int:
    number = await stage.claimed()
    await stage.do(ANNA, "executive_flag", number, trigger="legal", reason="Their lawyer wrote")
    await stage.said(number)
    return number


async def send(stage: Stage, number: int, text: str, who: str = EMMA, **more: Any) -> object:
    at = stage.now + timedelta(hours=2)
    fields = {"kind": "update", "text": text, "recipient": "Maria", "route": "chat"}
    return await stage.do(who, "update", number, **{**fields, "next_update_at": at, **more})


async def decide(stage: Stage, number: int) -> None:
    draft = (await stage.rows(Draft))[-1]
    fields = {"draft": draft.id, "digest": draft.digest, "approve": True}
    await stage.do(LAWYER, "answer_draft", number, **fields)


@pytest.mark.parametrize(("language", "text"), [ADMITS[0], ADMITS[9]])
async def test_it_goes_out_once_legal_has_agreed_to_exactly_it(
    stage: Stage, language: str, text: str
) -> None:
    number = await legal_case(stage)
    text = f"{text} {NEXT[language]}"
    await send(stage, number, text)
    assert await stage.rows(SentMessage) == []
    asked = next(s for s in await stage.said(number) if s.text == "notice:approval_asked")
    assert asked.to == LAWYER
    await decide(stage, number)
    cleared = await stage.last(number)
    assert (cleared.verb, cleared.actor) == ("answer_draft", LAWYER)
    assert cleared.after["words"] == text
    await send(stage, number, text + " Truly.")  # edited: asked again
    assert await stage.rows(SentMessage) == []
    await decide(stage, number)
    await send(stage, number, text + " Truly.")
    assert [m.text for m in await stage.rows(SentMessage)] == [text + " Truly."]


async def test_where_nobody_is_named_for_legal_it_does_not_go_out(stage: Stage) -> None:
    stage.policy = policy({role: who for role, who in ROLES.items() if role is not Role.LEGAL})
    number = await legal_case(stage)
    with pytest.raises(UserError, match="tone_liability"):
        await send(stage, number, f"It was our fault. {NEXT['en']}")
    assert await send(stage, number, f"We read your letter. {NEXT['en']}") is None


async def test_outside_a_legal_case_a_fault_may_be_owned(stage: Stage) -> None:
    number = await stage.claimed()
    assert await send(stage, number, f"It was our fault. {NEXT['en']}") is None


async def test_what_was_sent_already_is_recorded_with_its_fault(stage: Stage) -> None:
    number = await legal_case(stage)
    await send(stage, number, f"It was our fault. {NEXT['en']}", already_sent=True)
    (sent,) = await stage.rows(SentMessage)
    assert {"liability", "unapproved"} <= {each["rule"] for each in sent.evidence["faults"]}
