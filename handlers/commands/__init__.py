"""The one table of subcommands: parser, help and the documented list all read it.

Each row leads to an interaction id (``do:``, ``ask:``, ``show:``), the same that buttons carry,
so whatever a command does, a button can do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.rules.permissions import PERMISSIONS, READING
from handlers.commands.parser import Command, Grammar, Unknown, parse
from handlers.commands.vocabulary import typed_words

__all__ = ["GROUPS", "TABLE", "Subcommand", "in_groups", "read"]


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One subcommand. ``arguments`` is how help shows them; commands.toml has its other words."""

    name: str
    arguments: str
    leads_to: str
    grammar: Grammar = field(default_factory=Grammar)

    @property
    def help_key(self) -> str:
        """The text that says what it is for."""
        return f"help.{self.name}"

    @property
    def group(self) -> str:
        """Under which heading help shows it."""
        return next(group for group, names in GROUPS.items() if self.name in names)

    @property
    def verb(self) -> str:
        """The intent or answer that it leads to."""
        return self.leads_to.partition(":")[2]

    @property
    def permission(self) -> str | None:
        """The row of the permission table that governs it; None: everybody may."""
        shows = self.leads_to.startswith("show:")
        row = READING.get(self.verb) if shows else self.verb
        return row if row in PERMISSIONS else None


NO_CASE = Grammar(on_case=False)
LIST = Grammar({"scope": "scope"}, text="customer", on_case=False)


def _with(text: str | None = None, /, **typed: str) -> Grammar:
    return Grammar(typed, text)


TABLE: tuple[Subcommand, ...] = (
    Subcommand("open", "[stake]", "ask:open_case", Grammar(text="stake", on_case=False)),
    Subcommand("help", "", "show:help", NO_CASE),
    Subcommand("list", "[mine|breaching|customer NAME]", "show:list", LIST),
    Subcommand("show", "[case]", "show:show", _with()),
    Subcommand("claim", "[case]", "do:claim", _with()),
    Subcommand("assign", "@who role", "do:assign", _with(user="user", role="role")),
    Subcommand("handover", "@who role summary", "do:hand_over",
               _with("summary", user="user", role="role")),
    Subcommand("severity", "1-4 reason", "do:severity", _with("reason", severity="severity")),
    Subcommand("update", "[kind]", "ask:update", _with("text", kind="kind")),
    Subcommand("replied", "summary", "do:customer_replied", _with("summary")),
    Subcommand("status", "[on_track|blocked|need_help|eta_moved]", "do:status",
               _with("remark", standing="standing")),
    Subcommand("hold", "[reason]", "ask:hold", _with("note", reason="hold")),
    Subcommand("resume", "[case]", "do:resume", _with()),
    Subcommand("resolve", "[note]", "ask:resolve", _with("note")),
    Subcommand("confirm", "[remark]", "ask:confirm", _with("remark")),
    Subcommand("postmortem", "[case]", "do:postmortem", _with()),
    Subcommand("reviewed", "[case]", "ask:postmortem_held", _with()),
    Subcommand("action", "title", "ask:action_item", _with("title", owner="owner")),
    Subcommand("done", "number evidence", "do:action_done", _with("evidence", action="number")),
    Subcommand("close", "[case]", "ask:close", _with()),
    Subcommand("reopen", "reason", "do:reopen", _with("reason")),
    Subcommand("dismiss", "reason", "do:dismiss", _with("reason")),
    Subcommand("flag", "[legal|cancel|extraordinary] reason", "do:executive_flag",
               _with("reason", trigger="trigger")),
    Subcommand("ask", "@executive question", "do:ask_executive",
               _with("question", user="user")),
    Subcommand("timeline", "[page]", "show:timeline", _with(page="number")),
    Subcommand("why", "[clock]", "show:why", _with(clock="clock")),
    Subcommand("promises", "[case]", "show:promises", _with()),
    Subcommand("share", "[yes]", "do:share_status", _with("allow")),
    Subcommand("unshare", "[case]", "do:revoke_status", _with()),
    Subcommand("mend", "[case]", "do:mend", _with()),
    Subcommand("ticket", "URL", "do:link_ticket", _with(url="url")),
    Subcommand("unticket", "[case]", "do:unlink_ticket", _with()),
    Subcommand("templates", "[kind]", "show:templates", _with(kind="kind")),
    Subcommand("problem", "[number]", "show:problem", _with(problem="number")),
    Subcommand("link", "[problem number]", "do:link_case", _with(problem="number")),
    Subcommand("unlink", "[case]", "do:unlink_case", _with()),
    Subcommand("points", "", "show:points", NO_CASE),
    Subcommand("digest", "", "show:digest", NO_CASE),
)  # fmt: skip

# What people are about to do when they look for a command; the headings of help, in this order.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "begin": ("open", "list", "show", "digest", "help"),
    "people": ("claim", "assign", "handover", "severity", "flag", "ask"),
    "customer": (
        "update", "replied", "hold", "resume", "promises", "templates", "ticket", "unticket",
        "share", "unshare",
    ),
    "end": ("status", "resolve", "confirm", "close", "reopen", "dismiss"),
    "learn": ("timeline", "why", "postmortem", "reviewed", "action", "done"),
    "many": ("problem", "link", "unlink", "points"),
    "repair": ("mend",),
}  # fmt: skip
BY_NAME: Mapping[str, Subcommand] = {row.name: row for row in TABLE}
GRAMMARS: Mapping[str, Grammar] = {row.name: row.grammar for row in TABLE}
ALIASES: Mapping[str, str] = typed_words("command", BY_NAME)


def in_groups() -> list[Subcommand]:
    """The table in the order of help."""
    return [BY_NAME[name] for names in GROUPS.values() for name in names]


def read(text: str) -> Command | Unknown:
    """What the text after ``/escalate`` asks for."""
    return parse(text, GRAMMARS, ALIASES)
