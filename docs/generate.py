"""The parts of the documents that are read from the code: ``make docs`` writes them again.

A part stands between ``<!-- generated: NAME -->`` and ``<!-- end -->``. A test fails when what
stands there is not what the code says, so a table in these pages is never out of date.
"""

import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from pathlib import Path

from bot.people.accounts_csv import COLUMNS
from bot.rules import permissions
from bot.rules.lifecycle import GUARDS, lifecycle_mermaid
from bot.rules.policy.load import load_policy
from bot.rules.sla import Target
from bot.rules.words import ClockKind, Language, Role, Severity
from bot.secret_files import is_secret
from bot.settings import Settings
from bot.sla.reminders import (
    CHANNEL,
    LADDER,
    OFFERED,
    OFFERER,
    OWNER,
    REMINDERS,
    ClockReminder,
)
from docs.doors import http_doors, size
from docs.licences import by_licence
from handlers.commands import TABLE, Subcommand
from handlers.slack.manifest import EVENTS, SCOPES
from messages.kit.texts import label, t

ROOT = Path(__file__).parent.parent
PART = re.compile(r"(<!-- generated: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
HOUR = 60  # minutes

GROUPS: Mapping[frozenset[Role], str] = {
    permissions.ANYONE: "anybody",
    permissions.TEAM: "the team",
    permissions.READERS: "anybody who may read",
    permissions.MANAGERS: "managers",
    permissions.VOICES: "agent, reporter, technical lead, CSM, account executive, managers",
    permissions.SPEAKERS: "agent, technical lead, CSM, account executive, managers",
}

# What each column of the accounts file means; the key is the field in bot/people/accounts_csv.py.
COLUMN_NOTES: Mapping[str, str] = {
    "name": "the customer's name; the only one that must be there",
    "key": "your own id for the customer; made from the name when absent",
    "tier": "shown on the card, such as `enterprise`",
    "region": "where they are, such as `EMEA`; a segment when many are written to",
    "arr": "yearly revenue, in whole units; `410,000` and `410.000,00 €` are understood",
    "currency": "three letters or a sign; `EUR` when absent",
    "renewal": "a date such as `2027-03-31`",
    "csm": "customer success manager: Slack user id or email address",
    "account_executive": "account executive: Slack user id or email address",
    "sponsor": "executive sponsor: Slack user id or email address",
    "language": "`en` or `el`: the language of the customer's messages",
    "contact_name": "whom we write to",
    "contact_email": "their email address",
    "slack_channel": "the id of the channel that they share with you"
    " ([Slack Connect](intake/slack-connect.md))",
    "greeting": "how they are addressed in that language, without the salutation, such as `Ms Berg`"
    " or `κυρία Δήμου`; without it letters begin with a plain “Hello”",
    "timezone": "an IANA time zone such as `Europe/Athens`, in which this customer is told times;"
    " the policy's when absent",
    "calendar": "the name of a calendar of the policy, for a customer with working hours of their"
    " own",
    "domains": "their mail domains besides that of `contact_email`, such as `acme.com, acme.gr`; by"
    " them emails to the intake address are known, subdomains too",
}


AUDIENCES: Mapping[str, str] = {
    OWNER: "the owner",
    CHANNEL: "everybody in the channel",
    LADDER: "the next level of the ladder",
    OFFERED: "who was offered the role",
    OFFERER: "who offered it",
}


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table. A bar inside a cell is escaped."""
    cells = [list(header), *(list(row) for row in rows)]
    lines = ["| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in cells]
    return "\n".join([lines[0], "|" + "---|" * len(cells[0]), *lines[1:]])


def commands() -> str:
    """The table of subcommands, with who may use each."""
    return table(("Type", "To", "Who may"), (_command(row) for row in TABLE))


def _command(row: Subcommand) -> tuple[str, str, str]:
    typed = f"`/escalate {row.name} {row.arguments}".rstrip() + "`"
    what = t(Language.ENGLISH, row.help_key)
    return typed, what, "anybody" if row.permission is None else who_may(row.permission)


def who_may(verb: str) -> str:
    """The roles that the permission table gives a verb to, in words."""
    said = roles_in_words(permissions.PERMISSIONS[verb])
    raising = permissions.PERMISSIONS.get(f"raise_{verb}")
    return f"raise: {roles_in_words(raising)}; lower: {said}" if raising else said


def roles_in_words(roles: frozenset[Role]) -> str:
    """A set of roles by its name, or one by one."""
    if roles in GROUPS:
        return GROUPS[roles]
    managers = [GROUPS[permissions.MANAGERS]] if roles > permissions.MANAGERS else []
    rest = roles - permissions.MANAGERS if managers else roles
    return ", ".join([*managers, *(name(role) for role in sorted(rest))])


def name(role: str) -> str:
    """What people call a role, inside a sentence."""
    if role in AUDIENCES:
        return AUDIENCES[role]
    said = label(Language.ENGLISH, Role(role))
    return said[0].lower() + said[1:]


def settings() -> str:
    """Every setting: its environment variable, what it is for, its default."""
    fields = Settings.model_fields
    rows = (
        (
            f"`{key.upper()}`" + (f", `{key.upper()}_FILE`" if is_secret(key, fields) else ""),
            field.description or "",
            _default(field.default),
        )
        for key, field in fields.items()
    )
    return table(("Variable", "What it is", "Default"), rows)


def _default(value: object) -> str:
    return f"`{value}`" if value not in ("", None) else "none"


def accounts() -> str:
    """The columns of the accounts file and the other names that are understood."""
    rows = (
        (f"`{key}`", COLUMN_NOTES[key], ", ".join(f"`{n}`" for n in names if n != key))
        for key, names in COLUMNS.items()
    )
    return table(("Column", "What it is", "Also understood"), rows)


def scopes() -> str:
    """What the Slack app asks for, and why."""
    asked = [(f"`{scope}`", why) for scope, why in SCOPES.items()]
    heard = [(f"event `{event}`", why) for event, why in EVENTS.items()]
    return table(("Asked of Slack", "What for"), [*asked, *heard])


def targets() -> str:
    """How long each clock has at each severity, by the default policy."""
    policy = load_policy(None)
    rows = []
    for kind in ClockKind:
        held = [policy.severity(s).clocks.get(kind) for s in Severity]
        spans = [_target(c.target, c.calendar) if c and c.target else "–" for c in held]
        if set(spans) != {"–"}:
            rows.append((label(Language.ENGLISH, kind), *spans))
    suggested = [policy.severity(s).action_item for s in Severity]
    days = [_target(c.target, c.calendar) if c.target else "–" for c in suggested]
    rows.append(("Action item, as suggested", *days))
    return table(("Clock", *(s.label for s in Severity)), rows)


def _target(target: Target, calendar: str) -> str:
    if target.business_days is not None:
        return f"{target.business_days} business days"
    if target.calendar_days is not None:
        return f"{target.calendar_days} calendar days"
    minutes = target.minutes or 0
    span = f"{minutes // HOUR} h" if minutes % HOUR == 0 else f"{minutes} min"
    return f"{span}, day and night" if calendar == "always" else span


def ladder() -> str:
    """Who is called after a breach, and when, by the default policy."""
    policy = load_policy(None)
    rows = []
    for severity in Severity:
        levels = policy.severity(severity).ladder
        steps = [f"{_after(r.after_minutes)}: {', '.join(map(name, r.roles))}" for r in levels]
        rows.append((severity.label, "; ".join(steps)))
    return table(("Severity", "Who is called"), rows)


def _after(minutes: int) -> str:
    if minutes == 0:
        return "at once"
    return f"after {minutes // HOUR} h" if minutes % HOUR == 0 else f"after {minutes} min"


THRESHOLDS = {
    "warn": "before it is due",
    "breach": "when it is missed",
    "ladder": "after that",
    "overdue": "when the ladder has no further level, each morning",
}


def reminders() -> str:
    """Who is reminded of what."""
    rows = []
    for entry in REMINDERS:
        clocks = [label(Language.ENGLISH, k) for k in ClockKind if k in entry.clocks]
        who = dict.fromkeys(role for level in entry.levels for role in level) or entry.who
        heard = [name(role) for role in who]
        heard += [_by_policy(entry)] if entry.matrix else []
        rows.append((", ".join(clocks), THRESHOLDS[entry.threshold], ", ".join(heard)))
    return table(("Clock", "When", "Who hears"), rows)


def _by_policy(entry: ClockReminder) -> str:
    spared = [name(role) for role in Role if role in entry.spared]
    but = f" (not: {', '.join(spared)})" if spared else ""
    return f"whoever the policy names for “{entry.matrix}”{but}"


def lifecycle() -> str:
    """The diagram of the lifecycle."""
    return f"```mermaid\n{lifecycle_mermaid()}```"


def guards() -> str:
    """What must hold for a step, in the words in which it is refused otherwise."""
    rows = ((g.replace("_", " "), t(Language.ENGLISH, f"refusal.{g}")) for g in GUARDS)
    return table(("Guard", "What you read when it does not hold"), rows)


def floors() -> str:
    """The floors of ``bot/``, as the import contract has them: each imports only from below it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each.get("containers") == ["bot"])
    lines = [f"    {above} --> {below}" for above, below in pairwise(layers)]
    return "\n".join(["```mermaid", "flowchart TD", *lines, "```"]).replace(" | ", " & ")


def licences() -> str:
    """What the program installs, by licence."""
    rows = ((licence, ", ".join(names)) for licence, names in by_licence().items())
    return table(("Licence", "Packages"), rows)


def doors() -> str:
    """The doors by HTTP."""
    rows = [
        (f"`{d.path}`", d.what_for, d.who, size(d.body), d.often or "—", d.shown or "—")
        for d in http_doors()
    ]
    return table(("door", "for", "who may", "at most", "how often", "browsers get a"), rows)


PARTS: Mapping[str, Callable[[], str]] = {
    part.__name__: part
    for part in (
        commands, settings, accounts, scopes, targets, ladder, reminders, lifecycle, guards,
        floors, licences, doors,
    )
}  # fmt: skip


def pages() -> list[Path]:
    """The documents that may have generated parts."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def generated(text: str) -> str:
    """The page with every part as the code has it. Raises KeyError for a part nobody writes."""
    return PART.sub(lambda m: f"{m[1]}{PARTS[m[2]]()}\n{m[3]}", text)


def main() -> None:
    """Write the parts again and name the pages that changed."""
    for page in pages():
        old = page.read_text(encoding="utf-8")
        if (new := generated(old)) != old:
            page.write_text(new, encoding="utf-8")
            sys.stdout.write(f"{page.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
