"""The drill of working from the emergency file: what it lacks today, and the exercise to print.

Plain text for a terminal and for paper. The file is read as people would read it, so what is found
missing is missing on the day itself.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from html import unescape

from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.words import Language, Role
from messages.kit.case_lines import open_clocks
from messages.kit.dates import format_moment
from messages.kit.texts import t

STEPS = 7
REPORTER = Role.REPORTER  # who only reported a case does not stand among the file's people
OLD = timedelta(hours=25)  # a daily job may run a little later than the day before
SECTION = re.compile(r"<h3>(ESC-\d+)\b.*?</section>", re.DOTALL)
PERSON = re.compile(r'<tr><th scope="row">([^<]*)</th><td>([^<]*)</td><td>([^<]*)</td>')
DUE = re.compile(r'<tr><th scope="row">')


def find_gaps(
    page: str,
    written: datetime,
    cases: Sequence[CaseFacts],
    people: Mapping[str, PersonFacts],
    language: Language,
    now: datetime,
) -> list[str]:
    """What the file lacks of what people would need now, a line each; empty where it is whole.

    ``page`` is the file's text, ``written`` when it was written, ``cases`` those that are open now,
    ``people`` those whom they name. Of restricted cases only owner and due times are looked for.
    """
    say = partial(t, language)
    gaps = [say("drill.stale")] if now - written > OLD else []
    sections = {each[1]: unescape(each[0]) for each in SECTION.finditer(page)}
    for case in cases:
        there = sections.get(case.reference)
        if there is None:
            gaps.append(say("drill.no_case", reference=case.reference))
            continue
        owner = _name(case.owner, people)
        if owner not in there:
            gaps.append(say("drill.no_owner", reference=case.reference, who=owner))
        if open_clocks(case) and not DUE.search(there):
            gaps.append(say("drill.no_due", reference=case.reference))
        if not case.sensitive and not _has_contact(case):
            gaps.append(say("drill.no_contact", reference=case.reference))
    phones = {unescape(name): phone for name, _, phone in PERSON.findall(page)}
    named = {user for case in cases for role, user in case.roles.items() if role is not REPORTER}
    names = {_name(user, people) for user in {*named, *(case.owner for case in cases)}}
    return [
        *gaps,
        *(say("drill.no_phone", who=name) for name in sorted(names) if not phones.get(name)),
    ]


def drill_sheet(
    file: str, written: datetime | None, gaps: Sequence[str], language: Language, zone: str
) -> str:
    """The exercise, to be printed: what the file lacks, what to do, where to sign.

    ``written`` is None for a file that is not there; times are in ``zone`` (IANA). The exercise is
    printed whatever was found missing: to work with a poor file is the day's own lesson. Nothing in
    it changes a case.
    """
    say = partial(t, language)
    when = format_moment(written, language=language, zone=zone) if written else ""
    head = say("drill.file", file=file, when=when) if written else say("drill.no_file", file=file)
    found = [say("drill.gaps"), *(f"  - {gap}" for gap in gaps)] if gaps else []
    whole = [say("drill.whole")] if written and not gaps else []
    steps = [f"[ ] {n}. {say(f'drill.step_{n}')}" for n in range(1, STEPS + 1)]
    record = say("drill.record", file=file)
    return "\n".join(
        [say("drill.title"), head, *whole, *found, "", *steps, "", say("drill.sign"), record]
    )


def _has_contact(case: CaseFacts) -> bool:
    """Whether anybody at the customer is named, on the case or in the accounts file.

    Without one the owner cannot begin on that day, and no file can mend it then.
    """
    account = case.account
    known = [case.contact_name, case.contact_email, case.second_name, case.second_email]
    return any([*known, account.contact_name if account else "",
                account.contact_email if account else ""])  # fmt: skip


def _name(user: str, people: Mapping[str, PersonFacts]) -> str:
    """The name as the file has it: the Slack id where the directory does not know the person.

    It is looked for in the file as text, so both must write it alike.
    """
    return people[user].name if user in people else user
