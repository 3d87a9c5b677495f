"""The published vectors hold, and the runner reports what does not."""

import json
from pathlib import Path

import pytest

from tests.sla_vectors import load, main, run_vector

VECTORS = Path(__file__).parents[3] / "data" / "sla_vectors.json"


@pytest.mark.parametrize("vector", load(VECTORS), ids=lambda vector: vector["id"])
def test_vector(vector: dict[str, object]) -> None:
    assert run_vector(vector) == []


def test_the_runner_counts_what_passed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(VECTORS)]) == 0
    assert capsys.readouterr().out == "54 passed, 0 failed\n"


def test_the_runner_prints_a_mismatch_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vectors = load(VECTORS)[:2]
    vectors[0]["expected"]["due"] = "2026-02-10T12:16:00Z"
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(vectors))
    assert main([str(path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "V01_in_hours: due: expected '2026-02-10T12:16:00Z', got '2026-02-10T12:15:00Z'",
        "1 passed, 1 failed",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "Expecting"),
        ('{"a": 1}', "a list of vectors"),
        ('[{"id": "X"}]', "vector 1 lacks calendar, events, expected"),
    ],
)
def test_a_malformed_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    assert main([str(path)]) == 2
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"type": "begin"}, "unknown event type 'begin'"),
        ({"traget_minutes": 5}, "unknown event key 'traget_minutes'"),
        ({"at": "2026-02-10T09:00:00"}, "has no offset"),
    ],
)
def test_a_wrong_event_fails_its_vector_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, object], says: str
) -> None:
    vectors = load(VECTORS)[:2]
    vectors[0]["events"][0].update(change)
    path = tmp_path / "event.json"
    path.write_text(json.dumps(vectors))
    assert main([str(path)]) == 1
    out = capsys.readouterr().out
    assert says in out
    assert out.endswith("1 passed, 1 failed\n")
