"""App Home: what its reader should look at, most pressing first.

The view is built anew each time the tab is opened, and while it is open whenever a case in it, or
a case of its reader, changes (``bot/slack/homes.py``). It reads only what ``bot/cases/queries.py``
gives the viewer; slices and order of the lists are kept.
"""

from collections.abc import Sequence

from bot.rules.business.outcomes import OutcomeView
from bot.rules.duty import Absence
from bot.rules.facts import (
    ActionPage,
    AskFacts,
    CandidatePageFacts,
    CaseFacts,
    ConcessionView,
    OwedFacts,
    PersonFacts,
)
from bot.rules.facts.sponsorship import SponsorshipFacts
from bot.rules.problems.known_issues import IssueFacts
from bot.rules.setup import SetupPage
from bot.rules.words import Language
from messages.cases.answers import case_section, refusal_message
from messages.customers.concessions import concession_rows
from messages.duty.rota import own_absence
from messages.executives.owed import owed_rows
from messages.intake.triage import candidate_rows
from messages.kit.blocks import VIEW_BLOCKS_MAX, Block, actions, button, divider, header, section
from messages.kit.mrkdwn import mention_user, quote_text
from messages.kit.texts import plural, t
from messages.learning.actions import waiting_rows
from messages.outcomes.listing import outcome_rows
from messages.problems.known_issues import issue_lines
from messages.readiness.listing import unconfirmed_cards
from messages.readiness.tips import TipsOff, tip_switches
from messages.setup.listing import setup_blocks
from messages.sponsorship.listing import own_accounts

SHOWN = 10  # of each kind; the list command shows the rest


def home_view(
    viewer: PersonFacts,
    mine: Sequence[CaseFacts],
    breaching: Sequence[CaseFacts],
    asks: Sequence[AskFacts],
    open_count: int,
    language: Language,
    *,
    totals: tuple[int, int] = (0, 0),
    decide: CandidatePageFacts | None = None,
    issues: Sequence[IssueFacts] = (),
    money: Sequence[ConcessionView] = (),
    outcomes: Sequence[OutcomeView] = (),
    owed: Sequence[OwedFacts] = (),
    away: Absence | None = None,
    accounts: Sequence[SponsorshipFacts] = (),
    figures: bool = False,
    access: bool = False,
    tasks: ActionPage | None = None,
    tasks_count: int = 0,
    cards_count: int = 0,
    tips_off: TipsOff = (False, False, None),
    setup: SetupPage | None = None,
) -> Block:
    """Draw the Home tab of ``viewer``: decisions asked of them, their cases, what else is late.

    ``mine`` and ``breaching`` come sorted; a case in both is shown once, under the viewer's own.
    ``open_count`` counts every open case that the viewer may read. At most 10 of each kind are
    shown; ``totals`` are how many of either there are, and the rest is counted with the way to the
    list. ``decide`` are the first that wait for a decision on whether they are escalations, for
    those whose task that is; ``issues`` the known issues that the viewer owns, ``money`` the
    concessions that they may decide on, ``outcomes`` those asked of them, ``owed`` what they owe as
    an executive or a caller, ``away`` their own absence, ``accounts`` those that they sponsor;
    ``figures``: they may read figures; ``access``: and the list of who may know what;
    ``tasks`` are the first action items that wait for them, ``tasks_count`` how many do;
    ``cards_count`` how many role cards nobody confirmed; ``tips_off``: as ``tip_switches`` takes
    it; ``setup`` are the steps of the installation while one is open, for administrators alone.
    The view ends at Slack's 100 blocks.
    """
    own = {case.number for case in mine}
    elsewhere = [case for case in breaching if case.number not in own]
    blocks = [
        header(t(language, "home.title")),
        section(plural(language, "home.open", open_count)),
        *_start(language, figures=figures, access=access),
        *(setup_blocks(setup, viewer.user_id, viewer.timezone, language) if setup else ()),
        *own_absence(away, language),
        *_asks(viewer, asks, language),
        *owed_rows(owed[:SHOWN], language),
        *_action_items(tasks, tasks_count, language),
        *unconfirmed_cards(cards_count, language),
        *_money(money, language),
        *_outcomes(outcomes, language),
        *own_accounts(accounts[:SHOWN], language),
        *_to_decide(decide, language),
        *_cases("mine", mine, language, 0, totals[0]),
        *_cases("breaching", elsewhere, language, SHOWN, totals[1]),
        *_issues(issues, language),
        *tip_switches(tips_off, language),
    ]
    shown = [block for block in blocks if block is not None]
    return {"type": "home", "callback_id": "home", "blocks": shown[:VIEW_BLOCKS_MAX]}


def closed_home(why: str, language: Language) -> Block:
    """Draw the Home tab of a person who may use nothing here; ``why`` is under ``refusal.``."""
    blocks = [header(t(language, "home.title")), section(refusal_message(why, language).text)]
    return {"type": "home", "callback_id": "home", "blocks": blocks}


def _start(language: Language, *, figures: bool, access: bool) -> list[Block | None]:
    """Draw what every Home tab has: what one begins with, and where one looks things up.

    ``figures``: theirs are there too; so is, with ``access``, the list of who may know what.
    """
    begin = actions(
        button("ask:open_case", t(language, "answer.escalate"), {}, style="primary"),
        button("ask:log_call", t(language, "form.log_call.title"), {}),
        button("show:triage", t(language, "home.decide"), {}),
        button("show:list#1", t(language, "answer.all_cases"), {}),
        button("show:digest", t(language, "answer.digest_button"), {}),
    )
    look = actions(
        button("show:readiness", t(language, "readiness.own"), {}),
        button("ask:start_drill", t(language, "drill.start"), {}),
        button("show:duty", t(language, "home.duty"), {}),
        button("show:points", t(language, "answer.points_button"), {}),
        button("show:issues", t(language, "issue.list_title"), {}),
        button("show:reviews", t(language, "reviews.title"), {}),
        button("show:connections", t(language, "home.connections"), {}),
        button("show:sponsor", t(language, "press.sponsorships"), {}),
        button("show:concessions", t(language, "button.all_concessions"), {}),
        button("show:outcomes", t(language, "button.all_outcomes"), {}),
        button("show:actions", t(language, "actions.mine"), {}),
        button("show:outreach", t(language, "outreach.mine"), {}),
        button("show:figures", t(language, "figures.button"), {}) if figures else None,
        button("show:quarterly_review", t(language, "quarterly.show"), {}) if figures else None,
        button("show:causes", t(language, "causes.button"), {}) if figures else None,
        button("show:map", t(language, "process.button"), {}),
        button("show:access_review", t(language, "access.show"), {}) if access else None,
        button("show:help", t(language, "answer.help_button"), {}),
        button("ask:choose_language", t(language, "language.change"), {}),
    )
    return [begin, look]


def _asks(viewer: PersonFacts, asks: Sequence[AskFacts], language: Language) -> list[Block | None]:
    """Draw the open decisions asked of the viewer, at most 10, in the order of the caller.

    Asks of others and answered ones are left out.
    """
    mine = [a for a in asks if viewer.user_id in (a.asked_of, a.deputy)]
    waiting = [a for a in mine if a.answer is None][:SHOWN]
    if not waiting:
        return []
    blocks: list[Block | None] = [divider(), section(f"*{t(language, 'home.asks')}*")]
    for number, ask in enumerate(waiting, start=1):
        blocks += _ask(ask, language, number)
    return blocks


def _action_items(found: ActionPage | None, count: int, language: Language) -> list[Block | None]:
    """Draw the first action items that wait for the viewer; nothing where none does."""
    if found is None or not found.lines:
        return []
    return [divider(), *waiting_rows(found, count, language)]


def _money(found: Sequence[ConcessionView], language: Language) -> list[Block | None]:
    """Draw the concessions that wait for the viewer's decision; nothing where none does."""
    if not found:
        return []
    title = section(f"*{t(language, 'concession.mine')}*")
    rows = concession_rows(found[:SHOWN], language)[:-1]  # what follows has a line of its own
    return [divider(), title, *rows]


def _outcomes(found: Sequence[OutcomeView], language: Language) -> list[Block | None]:
    """Draw the outcomes that the viewer is asked for; nothing where there is none."""
    if not found:
        return []
    title = section(f"*{t(language, 'home.outcomes')}*")
    return [divider(), title, *outcome_rows(found[:SHOWN], language)]


def _to_decide(decide: CandidatePageFacts | None, language: Language) -> list[Block | None]:
    """Draw what waits for a decision, and the way to all of it; nothing where none does."""
    if decide is None or not decide.found:
        return []
    rest = button("show:triage", t(language, "home.rest"), {}) if decide.more else None
    title = section(f"*{t(language, 'home.to_decide')}*", rest)
    return [divider(), title, *candidate_rows(decide, language)]


def _ask(ask: AskFacts, language: Language, number: int) -> list[Block | None]:
    """Draw one decision; approving acts at once, declining opens a form.

    A restricted question is read in its form, where it is answered too.
    """
    values = {"case": ask.case_number, "ask": ask.id}
    words = t(
        language,
        "home.ask",
        reference=f"ESC-{ask.case_number}",
        user=mention_user(ask.asked_by),
        quote=quote_text(ask.question) or "-",
    )
    if ask.restricted:
        words = t(
            language,
            "home.ask_restricted",
            reference=f"ESC-{ask.case_number}",
            user=mention_user(ask.asked_by),
        )
        read = button(
            f"ask:answer_ask#{number}",
            t(language, "press.read_and_answer"),
            values,
            style="primary",
        )
        return [section(words), actions(read)]
    approve = button(
        f"do:answer_ask#{number}",
        t(language, "button.approve"),
        values | {"approve": True},
        style="primary",
    )
    decline = button(
        f"ask:answer_ask#{number}", t(language, "button.decline"), values | {"approve": False}
    )
    return [section(words), actions(approve, decline)]


def _cases(
    key: str, cases: Sequence[CaseFacts], language: Language, offset: int, total: int
) -> list[Block | None]:
    """Draw a titled list; an empty one is left out, but a viewer without cases is told so.

    ``offset`` keeps the buttons of several lists in one view apart. Of ``total`` cases those that
    are not shown are counted below.
    """
    title = section(f"*{t(language, f'home.{key}')}*")
    if not cases:
        return [divider(), section(t(language, "home.none"))] if key == "mine" else []
    rows = [
        case_section(case, language, offset + number)
        for number, case in enumerate(cases[:SHOWN], start=1)
    ]
    left = max(total, len(cases)) - len(rows)
    if left <= 0:
        return [divider(), title, *rows]
    way = button(f"show:list#{offset + 2}", t(language, "home.rest"), {"scope": key})
    return [divider(), title, *rows, section(plural(language, "home.left", left), way)]


def _issues(found: Sequence[IssueFacts], language: Language) -> list[Block | None]:
    """Draw the viewer's known issues, at most 10, in the order of the caller; nothing without.

    Those that are not shown are counted below.
    """
    if not found:
        return []
    rows = [
        section(
            issue_lines(each, language),
            button(f"show:issue#{number}", t(language, "button.show"), {"problem": each.number}),
        )
        for number, each in enumerate(found[:SHOWN], start=1)
    ]
    left = len(found) - len(rows)
    more = section(plural(language, "home.issues_left", left)) if left > 0 else None
    return [divider(), section(f"*{t(language, 'home.issues')}*"), *rows, more]
