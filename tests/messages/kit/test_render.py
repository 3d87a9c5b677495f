"""Strict rendering: what is missing is named, what people wrote is escaped for its place."""

import pytest

from messages.kit import render
from messages.kit.render import MissingFactError, Safe, markdown_escape, split_front_matter


@pytest.fixture
def template(tmp_path, monkeypatch):  # type: ignore[no-untyped-def]
    """Write a template and render it for Slack."""

    def rendered(body: str, **facts: object) -> str:
        (tmp_path / "x.en.j2").write_text(body, encoding="utf-8")
        monkeypatch.setattr(render, "TEMPLATES", tmp_path)
        for environment in (render._slack, render._customer, render._markdown):
            environment.cache_clear()
        return render.slack_text("x.en.j2", facts)

    yield rendered
    for environment in (render._slack, render._customer, render._markdown):
        environment.cache_clear()


def test_a_template_may_stand_among_the_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"template.notices.juggled": "{{ title }}: *juggled*"}
    monkeypatch.setattr(render, "own_texts", lambda _: words)
    assert render.slack_text("notices/juggled.en.j2", {"title": "ESC-7 <x>"}) == (
        "ESC-7 &lt;x&gt;: *juggled*"
    )
    with pytest.raises(MissingFactError, match=r"notices/juggled\.en\.j2.*'title'"):
        render.slack_text("notices/juggled.en.j2", {})
    render._template.cache_clear()


def test_a_fact_that_is_not_given_is_named(template) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(MissingFactError, match=r"x\.en\.j2.*'stake' is undefined"):
        template("{{ stake }}")


def test_a_fact_that_is_none_is_named(template) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(MissingFactError, match="owner"):
        template("{{ owner }}", owner=None)


def test_a_field_that_does_not_exist_is_named(template) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(MissingFactError, match="colour"):
        template("{{ it.colour }}", it={})


def test_text_is_escaped_and_markup_is_kept(template) -> None:  # type: ignore[no-untyped-def]
    assert template("{{ a }} {{ b }}", a="<@U1>", b=Safe("<@U1>")) == "&lt;@U1&gt; <@U1>"


def test_front_matter_is_not_part_of_the_text(template) -> None:  # type: ignore[no-untyped-def]
    body = '+++\nname = "x"\n+++\nHello {{ a }}'
    assert template(body, a="you") == "Hello you"
    assert split_front_matter(body)[0] == {"name": "x"}


@pytest.mark.parametrize("text", ["# a", "[a](b)", "<b>", "*a*", "`a`", "a\n# b", "| a |", "&lt;"])
def test_markdown_from_people_shows_as_it_was_typed(text: str) -> None:
    escaped = markdown_escape(text)
    assert "\n" not in escaped
    assert all(f"\\{mark}" in escaped for mark in set(text) & set("#[]<>*`|&"))
