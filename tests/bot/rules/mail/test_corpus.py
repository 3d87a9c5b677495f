"""Every mail of the corpus is read as its entry says: whose it is, its words, what is folded."""

import hashlib

import pytest

from bot.rules.mail.known_words import add_answers
from bot.rules.mail.parsing import InboundMail, pack_mail, parse_mail, unpack_mail
from bot.rules.tokens import ReplyClaim, Signer
from tests.mail.corpus import Entry, raw_of, read_corpus

CORPUS = read_corpus()
SIGNER = Signer(hashlib.sha256(b"cases-secret-key-0123456789").digest())
REPORTS = {"bounce", "delayed"}


def read(entry: Entry) -> InboundMail:
    """The mail, as it comes from the process that parses."""
    return unpack_mail(pack_mail(parse_mail(raw_of(entry))))


def kind_of(mail: InboundMail) -> str:
    """What it counts as."""
    if mail.bounce is not None:
        return "bounce" if mail.bounce.failed else "delayed"
    return "machine" if mail.automatic else "person"


def test_the_corpus_has_mails_of_many_kinds() -> None:
    assert len(CORPUS) >= 150
    assert {entry["kind"] for entry in CORPUS.values()} == {"person", "machine", *REPORTS}


@pytest.mark.parametrize("name", CORPUS)
def test_a_mail_is_known_for_what_it_is(name: str) -> None:
    entry = CORPUS[name]
    mail = read(entry)
    assert kind_of(mail) == entry["kind"]
    assert mail.unread == ""
    claims = [SIGNER.read_reply_tag(tag) for tag in mail.tags]
    assert claims == ([ReplyClaim(1, signed=True)] if entry.get("tag", True) else [])
    for field in ("subject", "sender", "authors"):
        assert getattr(mail, field) == entry.get(field, getattr(mail, field))


@pytest.mark.parametrize("name", [name for name in CORPUS if "words" in CORPUS[name]])
def test_its_words_are_told_from_what_is_folded(name: str) -> None:
    entry = CORPUS[name]
    mail = read(entry)
    words = add_answers(mail.text, mail.below, [entry.get("ours", "")])
    assert words == entry["words"].strip()
    assert mail.note == entry.get("note", "")
    whole = (mail.whole or mail.text).splitlines()
    for line in entry.get("folded", ()):
        assert line.strip() in [each.strip() for each in whole]
        assert line not in words.splitlines()
    assert bool(mail.folded) == bool(entry.get("folded"))
    assert "\ufffd" not in mail.text + mail.whole + mail.subject


@pytest.mark.parametrize("name", [name for name in CORPUS if "files" in CORPUS[name]])
def test_its_attachments_are_named(name: str) -> None:
    files = read(CORPUS[name]).files
    expected = CORPUS[name]["files"]
    assert [file.name for file in files] == [name for name, _ in expected]
    for file, (_, size) in zip(files, expected, strict=True):
        assert size in (-1, file.size)


@pytest.mark.parametrize("name", [n for n in CORPUS if CORPUS[n]["kind"] in REPORTS])
def test_a_report_names_whom_it_did_not_reach_and_which_mail(name: str) -> None:
    entry = CORPUS[name]
    bounce = read(entry).bounce
    assert bounce is not None
    assert bounce.recipient in (entry["recipient"], "")
    assert list(bounce.about) == entry.get("about", [])
    assert bounce.reason
    assert bounce.reason == entry.get("reason", bounce.reason)
