"""The quarterly brief in words: the page and the PDF say the same, and neither says too much."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from bot.rules.sponsorship.words import NextStep
from bot.rules.words import Language
from messages.kit.texts import label, t
from messages.sponsorship.brief import STEPS, Sheet, compose_brief
from messages.sponsorship.brief_page import brief_page, no_brief_page
from messages.sponsorship.brief_pdf import draw_pdf
from tests.mail.html_check import check_page
from tests.messages.sample_sponsorship import brief

BOTH = pytest.mark.parametrize("language", [Language.ENGLISH, Language.GREEK])
HOSTILE = "<script>alert(1)</script> & <@U0MAYA|Maya> 漢字 \N{PILE OF POO}"


def said(sheet: Sheet) -> list[str]:
    """Everything that a sheet says, in its order."""
    parts = (sheet.steps, *sheet.parts)
    lines = [
        text
        for part in parts
        for text in (part.heading, *(w for pair in part.pairs for w in pair), *part.lines)
    ]
    return [sheet.title, sheet.subtitle, *lines, *sheet.footer]


def squeezed(text: str) -> str:
    """The text without what only breaks lines."""
    return "".join(text.split())


@BOTH
def test_the_pdf_has_every_word_to_be_searched_and_names_its_language(language: Language) -> None:
    sheet = compose_brief(brief(), language)
    reader = PdfReader(BytesIO(draw_pdf(sheet)))
    found = squeezed("".join(page.extract_text() for page in reader.pages))
    for text in said(sheet):
        assert squeezed(text) in found, text
    assert reader.root_object["/Lang"] == language.value
    assert reader.metadata is not None
    assert reader.metadata.title == sheet.title
    assert [str(each["/Title"]) for each in reader.outline if isinstance(each, dict)] == [
        part.heading for part in (sheet.steps, *sheet.parts)
    ]


@BOTH
def test_the_page_has_every_word_and_is_sound(language: Language) -> None:
    sheet = compose_brief(brief(), language)
    page = brief_page(sheet, "token.pdf?lang=en", "Quill Systems")
    check_page(page)
    shown = squeezed(page.replace("&#39;", "'"))
    for text in said(sheet):
        assert squeezed(text) in shown, text
    assert 'href="token.pdf?lang=en"' in page


@BOTH
@pytest.mark.parametrize("what", ["gone", "busy"])
def test_where_there_is_no_brief_the_page_says_what_helps(language: Language, what: str) -> None:
    check_page(no_brief_page(language, what))


def test_what_people_wrote_stays_text() -> None:
    hostile = brief(customer=HOSTILE, sponsor=HOSTILE, reader=HOSTILE)
    sheet = compose_brief(hostile, Language.ENGLISH)
    page = brief_page(sheet, "x.pdf?lang=en")
    check_page(page)
    assert "<script>" not in page
    assert "U0MAYA" not in page
    assert "@Maya" in page
    text = PdfReader(BytesIO(draw_pdf(sheet))).pages[0].extract_text()
    assert "<script>" in text  # as it is no page there
    assert "?? ?" in text  # what the font lacks


def test_the_same_brief_is_the_same_file() -> None:
    sheet = compose_brief(brief(), Language.GREEK)
    assert draw_pdf(sheet) == draw_pdf(sheet)


def test_a_long_brief_goes_on_over_pages_and_says_what_it_left_out() -> None:
    case = brief().cases[0]
    sheet = compose_brief(brief(cases=(case,) * 40), Language.ENGLISH)
    (cases,) = [part for part in sheet.parts if part.heading == "Cases"]
    assert "And 28 more." in cases.remark
    assert len(PdfReader(BytesIO(draw_pdf(sheet))).pages) > 1


def test_without_leave_no_money_is_named() -> None:
    known = said(compose_brief(brief(), Language.ENGLISH))
    assert "€410K a year" in known
    kept = said(compose_brief(brief(money=False, arr=None), Language.ENGLISH))
    assert "Revenue" not in kept
    unknown = said(compose_brief(brief(arr=None), Language.ENGLISH))
    assert unknown[unknown.index("Revenue") + 1] == "not known"


@BOTH
def test_an_empty_quarter_is_said_in_words(language: Language) -> None:
    quiet = brief(
        cases=(), restricted=0, kept=0, broken=(), commitments=(), commitments_kept=0, scores=(),
        asks=(), touches=(), missed=(), owed=None, unread=False, end_proposed=False, deputy="",
    )  # fmt: skip
    sheet = compose_brief(quiet, language)
    text = said(sheet)
    for key in ("no_cases", "no_answers", "no_promises", "no_contacts"):
        assert t(language, f"brief.{key}") in text
    assert len(sheet.steps.lines) == 1


def test_few_answers_are_each_shown_and_many_by_their_mean() -> None:
    few = said(compose_brief(brief(scores=(5, 2, 4)), Language.ENGLISH))
    assert "5, 2, 4 of 5 (3 answers)" in few
    many = said(compose_brief(brief(scores=(5, 2, 4, 4, 4)), Language.GREEK))
    assert "3,8 στα 5 κατά μέσο όρο (5 απαντήσεις)" in many


def test_a_sponsor_reads_no_more_steps_than_one_keeps_in_mind() -> None:
    assert len(compose_brief(brief(), Language.ENGLISH).steps.lines) == STEPS


@BOTH
@pytest.mark.parametrize("step", list(NextStep))
def test_each_step_has_its_words(language: Language, step: NextStep) -> None:
    assert label(language, step)
    assert t(language, f"brief.step.{step}", **dict.fromkeys(
        ("asks", "due", "cases", "broken", "renewal"), "x"
    ))  # fmt: skip


@BOTH
def test_a_full_brief_is_one_sheet(language: Language) -> None:
    assert len(PdfReader(BytesIO(draw_pdf(compose_brief(brief(), language)))).pages) == 1
