"""The one table of subcommands: parser, help and the documented list all read it.

Each row leads to an interaction id (``do:``, ``ask:``, ``show:``), the same that buttons carry, so
whatever a command does, a button can do. Rows stand in the order in which help shows them.
``parser`` reads what was typed, ``vocabulary`` the words of its arguments, ``listener`` does it.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from bot.rules.lifecycle import fits_status
from bot.rules.permissions import ANYONE, PERMISSIONS, READING
from bot.rules.words import Role, Status
from handlers.commands.parser import Grammar, Parsed, parse_command
from handlers.commands.vocabulary import typed_words

__all__ = ["TABLE", "Subcommand", "read_command"]


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One subcommand.

    ``group`` is the heading under which help shows it: what people are about to do when they look
    for it. ``arguments`` is how help shows them, in English. ``leads_to`` is an interaction id. The
    command's other names, in every language, are under ``command`` in commands.toml.
    ``steps`` are further interactions, by the value that was read in the field ``step``.
    ``asks_for`` is a field that the verb may do without and that is asked for where it was not
    typed.
    """

    name: str
    group: str
    arguments: str
    leads_to: str
    grammar: Grammar = field(default_factory=Grammar)
    steps: Mapping[str, str] = field(default_factory=dict)
    asks_for: str = ""

    @property
    def help_key(self) -> str:
        """The text that says what it is for."""
        return f"help.{self.name}"

    @property
    def verb(self) -> str:
        """The intent or answer that it leads to: ``claim`` of ``do:claim``, ``list`` of
        ``show:list``.
        """
        return self.leads_to.partition(":")[2]

    @property
    def permission(self) -> str | None:
        """The row of the permission table that governs it; None: everybody may.

        Only for the documented list: what is carried out is judged by its own verb.
        """
        shows = self.leads_to.startswith("show:")
        row = READING.get(self.verb) if shows else self.verb
        return row if row in PERMISSIONS else None

    def find_interaction(self, given: Mapping[str, Any]) -> str:
        """Where what was typed leads: to the interaction of its step, else to the command's own.

        Without the field that it asks for, to the form.
        """
        if self.asks_for and not given.get(self.asks_for):
            return f"ask:{self.verb}"
        return self.steps.get(str(given.get("step")), self.leads_to)

    def is_usable(self, roles: Set[Role], status: Status | None) -> bool:
        """Whether a person with these roles finds it useful where a case stands at ``status``.

        None: there is no case, so only roles are asked. Lowering and raising a severity are one
        command; who may only raise it may use it.
        """
        rows = [self.permission, "raise_severity" if self.verb == "severity" else None]
        wanted = [PERMISSIONS[row] for row in rows if row]
        allowed = not wanted or any(row is ANYONE or row & roles for row in wanted)
        return allowed and (status is None or fits_status(status, self.verb))


NO_CASE = Grammar(on_case=False)
SPONSOR = Grammar({"step": "sponsoring"}, text="customer", on_case=False, name_words=6)
SPONSORING = {
    "nominate": "ask:nominate_sponsorship", "accept": "ask:answer_sponsorship",
    "touch": "ask:log_touch", "brief": "do:send_brief", "pass": "ask:pass_sponsorship",
    "exit": "ask:end_sponsorship", "programme": "show:programme",
}  # fmt: skip
LIST = Grammar({"scope": "scope"}, text="customer", on_case=False, name_words=3)


def _with(text: str | None = None, /, **typed: str) -> Grammar:
    """The grammar of a command on a case: readers by field, and the field of the free text."""
    return Grammar(typed, text)


TABLE: tuple[Subcommand, ...] = (
    Subcommand("open", "begin", "[impact]", "ask:open_case", Grammar(text="stake", on_case=False)),
    Subcommand("list", "begin", "[mine|overdue|customer NAME|component NAME]", "show:list", LIST),
    Subcommand("show", "begin", "[case]", "show:show", _with()),
    Subcommand("brief", "begin", "[case]", "do:catch_up", _with()),
    Subcommand("triage", "begin", "[mine]", "show:triage",
               Grammar({"scope": "scope", "page": "number"}, on_case=False)),
    Subcommand("phone", "begin", "[words]", "ask:log_call", Grammar(text="words", on_case=False)),
    Subcommand("undecide", "begin", "CAN-7", "do:undo_decision",
               Grammar({"candidate": "candidate"}, on_case=False)),
    Subcommand("review", "begin", "URL", "ask:add_review",
               Grammar({"link": "url"}, on_case=False)),
    Subcommand("reviews", "begin", "", "show:reviews", NO_CASE),
    Subcommand("digest", "begin", "", "show:digest", NO_CASE),
    Subcommand("help", "begin", "[all]", "show:help",
               Grammar(text="all", on_case=False, name_words=1)),
    Subcommand("language", "begin", "[language]", "do:choose_language",
               Grammar({"language": "language"}, on_case=False)),
    Subcommand("claim", "people", "[case]", "do:claim", _with()),
    Subcommand("cannot", "people", "[reason]", "do:decline_page", _with("reason"),
               asks_for="reason"),
    Subcommand("name", "people", "@who role", "do:name_stakeholder",
               _with(user="user", role="role")),
    Subcommand("assign", "people", "@who role", "do:assign", _with(user="user", role="role")),
    Subcommand("handover", "people", "@who role summary", "do:hand_over",
               _with("summary", user="user", role="role")),
    Subcommand("focus", "people", "[until 15:30|90m]", "do:focus", _with(until="lasting")),
    Subcommand("unfocus", "people", "[case]", "do:end_focus", _with()),
    Subcommand("question", "people", "[question]", "ask:ask_lead", _with("question")),
    Subcommand("interrupt", "people", "reason", "do:interrupt_focus", _with("reason")),
    Subcommand("finding", "people", "finding", "do:report_finding", _with("finding")),
    Subcommand("swarm", "people", "skill", "do:swarm", _with("skill")),
    Subcommand("unswarm", "people", "[case]", "do:leave_swarm", _with()),
    Subcommand("leaving", "people", "[note]", "ask:hand_over_shift",
               Grammar(text="note", on_case=False)),
    Subcommand("edit", "people", "[case]", "ask:edit_case", _with()),
    Subcommand("duty", "people", "", "show:duty", NO_CASE),
    Subcommand("readiness", "people", "[@who] [role]", "show:readiness",
               Grammar({"colleague": "mention", "role": "role"}, on_case=False)),
    Subcommand("drill", "people", "[@who]", "ask:start_drill",
               Grammar({"colleague": "mention"}, on_case=False)),
    Subcommand("away", "people", "[until Mon] [@deputy] [note]", "do:away",
               Grammar({"until": "until", "begins": "from", "colleague": "for_person",
                        "deputy": "user"}, "note", on_case=False)),
    Subcommand("back", "people", "[@who]", "do:back",
               Grammar({"colleague": "mention"}, on_case=False)),
    Subcommand("page", "people", "test [@who]", "do:test_page",
               Grammar({"what": "page_action", "colleague": "mention"}, on_case=False)),
    Subcommand("severity", "people", "1-4 reason", "do:severity",
               _with("reason", severity="severity")),
    Subcommand("component", "people", "[component]", "ask:set_component", _with("component")),
    Subcommand("urgency", "people", "[reason]", "ask:set_urgency", _with("reason")),
    Subcommand("flag", "people", "[legal|cancel|extraordinary] reason", "do:executive_flag",
               _with("reason", trigger="trigger")),
    Subcommand("withdraw", "people", "[flag|restriction|handover|resolution|question] reason",
               "do:withdraw", _with("reason", what="withdrawal")),
    Subcommand("legal", "people", "[@who]", "do:open_legal_room", _with(user="user")),
    Subcommand("legal-hold", "people", "reason", "do:begin_legal_hold", _with("reason")),
    Subcommand("end-hold", "people", "reason", "do:end_legal_hold", _with("reason")),
    Subcommand("ask", "people", "@executive question", "do:ask_executive",
               _with("question", user="user")),
    Subcommand("have", "people", "[case]", "do:have_flag", _with()),
    Subcommand("contact", "customer", "[what was said]", "ask:log_contact", _with("said")),
    Subcommand("contacts", "customer", "[case]", "show:contacts", _with()),
    Subcommand("commit", "customer", "[case]", "ask:commit", _with()),
    Subcommand("concession", "customer", "500 EUR [reason]", "ask:request_concession",
               _with("why", amount="money")),
    Subcommand("concessions", "customer", "[customer]", "show:concessions",
               Grammar(text="customer", on_case=False, name_words=6)),
    Subcommand("unfulfil", "customer", "reason", "ask:unfulfil_concession", _with("why")),
    Subcommand("outcome", "customer", "[customer]", "show:outcomes",
               Grammar(text="customer", on_case=False, name_words=6)),
    Subcommand("sponsor", "customer",
               "[nominate|accept|touch|brief|pass|exit|programme] [customer]",
               "show:sponsor", SPONSOR, SPONSORING),
    Subcommand("update", "customer", "[kind]", "ask:update", _with("text", kind="kind")),
    Subcommand("contest", "customer", "their words", "do:contest", _with("words")),
    Subcommand("replied", "customer", "summary", "do:customer_replied", _with("summary")),
    Subcommand("hold", "customer", "[reason]", "ask:hold", _with("note", reason="hold")),
    Subcommand("resume", "customer", "[case]", "do:resume", _with()),
    Subcommand("promises", "customer", "[case]", "show:promises", _with()),
    Subcommand("templates", "customer", "[kind]", "show:templates", _with(kind="kind")),
    Subcommand("ticket", "customer", "URL", "do:link_ticket", _with(url="url")),
    Subcommand("unticket", "customer", "[case]", "do:unlink_ticket", _with()),
    Subcommand("bug", "customer", "PROJ-123", "do:link_bug", _with(bug="bug")),
    Subcommand("unbug", "customer", "[case]", "do:unlink_bug", _with()),
    Subcommand("connect", "customer", "[#channel] [customer]", "do:connect",
               Grammar({"channel": "channel"}, text="customer", on_case=False)),
    Subcommand("disconnect", "customer", "[#channel]", "do:disconnect",
               Grammar({"channel": "channel"}, on_case=False)),
    Subcommand("connections", "customer", "", "show:connections", NO_CASE),
    Subcommand("share", "customer", "[yes]", "do:share_status", _with("allow")),
    Subcommand("unshare", "customer", "[case]", "do:revoke_status", _with()),
    Subcommand("form-link", "customer", "customer", "do:share_form",
               Grammar(text="customer", on_case=False, name_words=6)),
    Subcommand("status", "end", "[on track|blocked|need help|date moved]", "do:status",
               _with("remark", standing="standing")),
    Subcommand("resolve", "end", "[fix|workaround] [note]", "ask:resolve",
               _with("note", type="resolution")),
    Subcommand("confirm", "end", "[remark]", "ask:confirm", _with("remark")),
    Subcommand("close", "end", "[how] [cause]", "ask:close",
               _with(code="closure", root_cause="root_cause")),
    Subcommand("reopen", "end", "reason", "do:reopen", _with("reason")),
    Subcommand("dismiss", "end", "reason", "do:dismiss", _with("reason")),
    Subcommand("merge", "end", "ESC-7", "do:merge", Grammar({"into": "case"}, second="into")),
    Subcommand("unmerge", "end", "[case]", "do:unmerge", _with()),
    Subcommand("timeline", "learn", "[page]", "show:timeline", _with(page="number")),
    Subcommand("why", "learn", "[clock]", "show:why", _with(clock="clock")),
    Subcommand("postmortem", "learn", "[case]", "do:postmortem", _with()),
    Subcommand("meeting", "learn", "[case]", "ask:plan_postmortem", _with()),
    Subcommand("reviewed", "learn", "[case]", "ask:postmortem_held", _with()),
    Subcommand("decide", "learn", "decision", "ask:decide", _with("decision")),
    Subcommand("decisions", "learn", "[case]", "show:decisions", _with()),
    Subcommand("actions", "learn", "[mine|overdue|led] [case]", "show:actions",
               _with(scope="actions")),
    Subcommand("playbook", "learn", "[name]", "show:playbook", _with("name")),
    Subcommand("similar", "learn", "[words]", "show:similar", _with("words")),
    Subcommand("outreach", "learn", "[case]", "show:outreach", _with()),
    Subcommand("figures", "learn", "[period] [customer]", "show:figures",
               Grammar({"period": "period"}, text="customer", on_case=False)),
    Subcommand("quarter", "learn", "[quarter]", "show:quarterly_review",
               Grammar({"period": "period"}, on_case=False)),
    Subcommand("map", "learn", "[period]", "show:map",
               Grammar({"period": "period"}, on_case=False)),
    Subcommand("causes", "learn", "[period]", "show:causes",
               Grammar({"period": "period"}, on_case=False)),
    Subcommand("action", "learn", "title", "ask:action_item", _with("title", owner="owner")),
    Subcommand("done", "learn", "number evidence", "do:action_done",
               _with("evidence", action="number")),
    Subcommand("problem", "many", "[number]", "show:problem", _with(problem="number")),
    Subcommand("link", "many", "[problem number]", "do:link_case", _with(problem="number")),
    Subcommand("unlink", "many", "[case]", "do:unlink_case", _with()),
    Subcommand("points", "many", "", "show:points", NO_CASE),
    Subcommand("issues", "many", "[number]", "show:issues",
               Grammar({"problem": "issue"}, on_case=False)),
    Subcommand("setup", "repair", "", "show:setup", NO_CASE),
    Subcommand("access", "repair", "", "show:access_review", NO_CASE),
    Subcommand("repair", "repair", "[case]", "do:mend", _with()),
)  # fmt: skip

BY_NAME: Mapping[str, Subcommand] = {row.name: row for row in TABLE}
GRAMMARS: Mapping[str, Grammar] = {row.name: row.grammar for row in TABLE}
ALIASES: Mapping[str, str] = typed_words("command", BY_NAME)


def read_command(text: str) -> Parsed:
    """What the text after ``/escalate`` asks for; never an error (see ``parser.parse_command``)."""
    return parse_command(text, GRAMMARS, ALIASES)
