"""Templates that people write: what may stand in one, and that nothing can run away."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.customers.library import shipped_template
from bot.rules.words import Language, MessageKind
from messages.customers.template_sandbox import (
    BODY_MAX,
    FACTS,
    OUTPUT_MAX,
    BadTemplateError,
    check_template,
    diff_bodies,
    render_stored,
)
from messages.customers.templates import required_facts
from messages.kit.render import MissingFactError

NEEDED = required_facts(MessageKind.UPDATE)
GOOD = "Dear {{ contact }},\n\nI will write to you again by {{ next_update }}.\n\n{{ sender }}"
PIECES = st.sampled_from(
    ["{{", "}}", "{%", "%}", "{#", "#}", "contact", "next_update", "targets", "if", "for", "in",
     "endif", "endfor", "else", "(", ")", "[", "]", ".", "__class__", "|", "upper", "not", "and",
     "*", "**", "9999", "'a'", "range", "lipsum", "self", "loop", "=", "==", "-", "~", "\n", "é"]
)  # fmt: skip


def reason(body: str) -> tuple[int, str]:
    """Why a template is refused, and where."""
    with pytest.raises(BadTemplateError) as caught:
        check_template(body, NEEDED)
    return caught.value.line, caught.value.reason


def test_facts_conditions_and_one_list_are_allowed() -> None:
    check_template(GOOD, NEEDED)
    check_template(GOOD + "{% if stake and not leads %}“{{ stake }}”{% else %}-{% endif %}", NEEDED)
    check_template(GOOD + "{% for each in targets %}- {{ each }}\n{% endfor %}", NEEDED)
    check_template(GOOD + "{{ resolution or '[what is different now]' }}", NEEDED)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", MessageKind)
def test_the_words_that_ship_could_have_been_proposed(
    kind: MessageKind, language: Language
) -> None:
    check_template(shipped_template(kind, language).body, required_facts(kind))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("{{ contact.__class__.__mro__ }}", "attribute"),
        ("{{ ''['__class__'] }}", "attribute"),
        ("{{ contact|attr('__class__') }}", "filter"),
        ("{{ contact|upper }}", "filter"),
        ("{{ range(999999999) }}", "call"),
        ("{{ lipsum() }}", "call"),
        ("{{ cycler.__init__.__globals__ }}", "attribute"),
        ("{{ self._TemplateReference__context }}", "attribute"),
        ("{{ 'a' * 1000000000 }}", "not_allowed"),
        ("{{ 9 ** 9 ** 9 }}", "not_allowed"),
        ("{{ contact ~ contact }}", "not_allowed"),
        ("{{ '%999999999d' % 1 }}", "not_allowed"),
        ("{% set x = contact %}", "not_allowed"),
        ("{% macro x() %}{% endmacro %}", "not_allowed"),
        ("{% include 'customer/update.en.md.j2' %}", "include"),
        ("{% import 'x' as y %}", "include"),
        ("{% for a in stake %}{{ stake }}{% endfor %}", "loop"),
        ("{% for a in targets recursive %}{% endfor %}", "loop"),
        ("{% for a in targets %}{% for b in targets %}x{% endfor %}{% endfor %}", "loop"),
        ("{{ contct }}", "unknown_fact"),
        ("{{ loop }}", "unknown_fact"),
        ("{% if %}", "syntax"),
        ("{{ contact", "syntax"),
        ("{% debug %}", "syntax"),
        ("{{" + "(" * 1000 + "1" + ")" * 1000 + "}}", "too_deep"),
        ("{{" + "not " * 300 + "contact }}", "too_deep"),
        ("{% if contact %}" * 40 + "x" + "{% endif %}" * 40, "too_deep"),
    ],
)
def test_anything_else_is_refused_with_its_line(body: str, why: str) -> None:
    line, said = reason(f"{GOOD}\n\n{body}")
    assert said == why
    assert line == 7 or why == "too_deep"  # where Python itself gives up there is no line


def test_a_misspelt_fact_is_answered_with_the_nearest() -> None:
    with pytest.raises(BadTemplateError) as caught:
        check_template(GOOD + "{{ refrence }}", NEEDED)
    assert caught.value.facts == {"fact": "refrence", "nearest": "reference"}


def test_words_must_say_when_we_write_next_and_never_be_empty() -> None:
    assert reason("Dear {{ contact }}") == (1, "fact_missing")
    assert reason("{% if contact %}{{ next_update }}{% endif %}") == (1, "empty")
    assert reason(GOOD + "x" * BODY_MAX)[1] == "too_long"
    check_template("It works again.", required_facts(MessageKind.RESOLUTION))


def test_what_is_printed_ends_at_the_limit() -> None:
    with pytest.raises(BadTemplateError, match="too_much"):
        render_stored("{{ stake }}", {"stake": "x" * (OUTPUT_MAX + 1)})
    body = "{% for each in targets %}" + "x" * 2900 + "{% endfor %}"
    with pytest.raises(BadTemplateError, match="too_much"):
        render_stored(body, {"targets": ["a"] * 10_000_000})


def test_what_people_wrote_is_text_and_not_a_template() -> None:
    assert render_stored("{{ stake }}", {"stake": "{{ 7*7 }} {% if %}"}) == "{{ 7*7 }} {% if %}"


def test_a_fact_that_is_not_known_is_named() -> None:
    with pytest.raises(MissingFactError):
        render_stored("{{ stake }}", {})
    with pytest.raises(MissingFactError):
        render_stored("{{ stake }}", {"stake": None})


@given(st.lists(PIECES, max_size=25).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_a_template_is_taken_or_refused_and_nothing_else(body: str) -> None:
    try:
        check_template(body, NEEDED)
    except BadTemplateError as bad:
        refused = bad.line
    else:
        refused = 1
        render_stored(body, dict.fromkeys(FACTS, "x"))
    assert refused >= 1


def test_a_difference_shows_what_changed() -> None:
    assert diff_bodies("a\nb\nc", "a\nB\nc") == " a\n-b\n+B\n c"
