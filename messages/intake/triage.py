"""Lists of candidates: what waits for a decision, and what a person reported."""

from collections.abc import Iterator

from bot.rules.facts import WAITING_MAX, CandidateLine, CandidatePageFacts
from bot.rules.states import CandidateState
from bot.rules.words import Language
from messages.intake.candidate import MARKS, customer_name
from messages.kit.blocks import Block, Message, actions, button, message, section
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import slack_date
from messages.kit.template_context import lower_first, mention_person
from messages.kit.texts import label, plural, t

STAKE_SHOWN = 140  # characters of what the customer said, in a list
OTHERS = 20  # from where the buttons are counted that are no row's


def triage_answer(found: CandidatePageFacts, language: Language, *, mine: bool) -> Message:
    """List a page of them, each with its button, and the way to the other pages and lists.

    An empty list says where what waits would come from. ``mine`` are those that the reader
    reported, decided or not; else they are those that wait. The message's plain text has every line
    of the page.
    """
    title = _title(found, language, mine=mine)
    lines = [candidate_line(line, language) for line in found.found]
    none = [] if lines else [t(language, f"triage.none_{'mine' if mine else 'waiting'}")]
    return message(
        "\n".join([f"{title}:", *lines, *none]),
        section(f"*{title}*" + "".join(f"\n{words}" for words in none)),
        *candidate_rows(found, language),
        actions(*_ways(found, language, mine=mine)),
    )


def _title(found: CandidatePageFacts, language: Language, *, mine: bool) -> str:
    """The title, with how many wait; from ``WAITING_MAX`` on it says more than the number below."""
    if mine:
        return t(language, "triage.mine")
    if found.waiting >= WAITING_MAX:
        return t(language, "triage.many", count=WAITING_MAX - 1)
    return plural(language, "triage.waiting", found.waiting)


def candidate_rows(found: CandidatePageFacts, language: Language) -> list[Block]:
    """Draw each candidate with the button that shows it whole."""
    words = t(language, "candidate.press.show")
    return [
        section(
            candidate_line(line, language),
            button(f"show:candidate#{number}", words, {"candidate": line.id}),
        )
        for number, line in enumerate(found.found, start=1)
    ]


def candidate_line(line: CandidateLine, language: Language) -> str:
    """Write one in two or three lines: since when it waits or what became of it, and the words.

    The last line has why it may matter, how many reports there are where there are several, that it
    is restricted, its case and who decided; what is not there is left out.
    """
    waits = line.state is CandidateState.WAITING
    said = t(
        language,
        f"triage.line_{'waits' if waits else 'decided'}",
        mark=MARKS[line.state],
        reference=line.reference,
        customer=customer_name(line.customer, language),
        severity=line.severity.label,
        priority=lower_first(label(language, line.priority), language),
        when=slack_date(line.received_at, language),
        state=t(language, f"candidate.state.{line.state.value}"),
    )
    return "\n".join([said, *_more(line, language)])


def _more(line: CandidateLine, language: Language) -> Iterator[str]:
    """The lines below a candidate's name: its words, then why it waits and what became of it."""
    if line.stake:
        yield f"“{short_text(line.stake, STAKE_SHOWN)}”"
    parts = [t(language, f"reason.{each.value}") for each in line.reasons]
    if line.count > 1:
        parts.append(plural(language, "triage.reports", line.count))
    if line.sensitive:
        parts.append(t(language, "triage.restricted"))
    if line.case_number:
        parts.append(f"ESC-{line.case_number}")
    if line.decided_by:
        parts.append(mention_person(line.decided_by, language))
    if parts:
        yield "  ·  ".join(parts)


def _ways(found: CandidatePageFacts, language: Language, *, mine: bool) -> Iterator[Block]:
    """The buttons to the other pages, to the other list, and to opening a case by hand.

    A page's button carries ``page``, from 1, and ``scope`` (``mine``) where the list is the
    reader's own. Their numbers begin at ``OTHERS``, behind those of the rows.
    """
    about = {"scope": "mine"} if mine else {}
    if found.page > 1:
        before = {**about, "page": found.page - 1}
        yield button(f"show:triage#{OTHERS}", t(language, "triage.before"), before)
    if found.more:
        after = {**about, "page": found.page + 1}
        yield button(f"show:triage#{OTHERS + 1}", t(language, "triage.after"), after)
    other = t(language, "triage.to_waiting" if mine else "triage.to_mine")
    yield button(f"show:triage#{OTHERS + 2}", other, {} if mine else {"scope": "mine"})
    yield button("ask:open_case", t(language, "answer.escalate"), {})
