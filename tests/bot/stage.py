"""A stage on which use cases are played: a real store, one policy, a clock moved by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, TypeVar

from sqlmodel import SQLModel, col, select

from bot.due_table import DUE
from bot.engine.access_log import AccessLog
from bot.engine.actors import SYSTEM, Actor
from bot.engine.due import DueRow, sweep_due
from bot.engine.inbox import Answer
from bot.engine.intent import Intent
from bot.engine.request_gate import RequestGate
from bot.engine.unit_of_work import Standalone, UnitOfWork
from bot.registry import INTENTS, USE_CASES
from bot.rules.policy.load import Policy
from bot.rules.words import Role
from bot.wiring import WIRING
from storage.database import Database
from storage.models import Account, Case, CaseRole, Clock, ClockEvent, Outbox, TimelineEvent

T0 = datetime(2026, 2, 10, 9, 0, tzinfo=UTC)  # a Tuesday, 11:00 in Athens

ANNA, BILL = "UANNA", "UBILL"  # agents
EMMA, EVAN = "UEMMA", "UEVAN"  # escalation managers
TINA, TOM = "UTINA", "UTOM"  # technical leads
CARL, ALEX = "UCARL", "UALEX"  # customer success manager and account executive of Acme
LEAH, DORA = "ULEAH", "UDORA"  # support lead and director
EXEC, EXTRA = "UEXEC", "UEXTRA"  # executives
SPON = "USPON"  # the sponsor of Acme
LAWYER = "ULAWYER"
STRANGER = "USTRANGER"  # in the workspace, with no role at all

ROLES: Mapping[Role, tuple[str, ...]] = {
    Role.AGENT: (ANNA, BILL),
    Role.ESCALATION_MANAGER: (EMMA, EVAN),
    Role.TECHNICAL_LEAD: (TINA, TOM),
    Role.SUPPORT_LEAD: (LEAH,),
    Role.DIRECTOR: (DORA,),
    Role.EXECUTIVE_OWNER: (EXEC, EXTRA),
    Role.LEGAL: (LAWYER,),
}

Row = TypeVar("Row", bound=SQLModel)


@dataclass
class Said:
    """An effect that waits in the outbox: ``to`` is a user for a DM, else the kind."""

    kind: str
    to: str
    text: str
    extra: dict[str, Any]
    row: Outbox


@dataclass
class Stage:
    """Plays intents as people, each in its own transaction, and looks at what is left."""

    database: Database
    policy: Policy
    now: datetime = T0
    told: int = 0
    answers: list[Answer | None] = field(default_factory=list)
    customers: object = None  # how the app itself reaches them, where it does

    async def do(
        self, who: str, verb: str, case: int | None = None, **fields: Any
    ) -> Answer | None:
        """Carry out ``verb`` as ``who``; a refusal is raised and leaves nothing behind."""
        values = fields if case is None else {"case": case, **fields}
        intent: Intent = INTENTS[verb].model_validate(values)
        async with self.database.write() as session:
            return await USE_CASES[verb](self.work(session, who), intent)

    def work(self, session: Any, who: str = SYSTEM) -> UnitOfWork:
        """A unit of work at this moment."""
        return UnitOfWork.join(session, self.services(), Actor(who, "test"), "c0ffee")

    def services(self, customers: object = None) -> Standalone:
        """What a unit of work is begun with, at this moment."""
        time: Any = SimpleNamespace(now=lambda: self.now, real=lambda: self.now)
        return Standalone(self.database, self.policy, time, customers or self.customers, WIRING)

    async def sweep(self, table: Sequence[DueRow] = DUE) -> None:
        """Let what is due now be said."""
        await sweep_due(self.process(), table)

    def process(self, people: object = None) -> Any:
        """What a whole process has, as far as a sweep or a query needs it."""
        process = SimpleNamespace(
            database=self.database,
            policy=self.policy,
            clock=self.services().clock,
            gate=RequestGate(),
            customers=None,
            wiring=WIRING,
            people=people,
            background=lambda work, _name: work.close(),  # written when a test says ``write``
        )
        process.access = AccessLog(process)
        return process

    def later(self, **span: float) -> datetime:
        """Move the clock forward."""
        self.now += timedelta(**span)
        return self.now

    async def case(self, number: int) -> Case:
        """The case as it is stored."""
        async with self.database.read() as session:
            found = await session.get(Case, number)
            assert found is not None
            return found

    async def rows(self, model: type[Row], **where: Any) -> list[Row]:
        """Rows of a table, oldest first."""
        query = select(model)
        for name, value in where.items():
            query = query.where(col(getattr(model, name)) == value)
        async with self.database.read() as session:
            found = list((await session.exec(query)).all())
        return sorted(found, key=lambda r: getattr(r, "id", None) or 0)

    async def add(self, *rows: SQLModel) -> None:
        """Put rows into the store."""
        async with self.database.write() as session:
            session.add_all(rows)

    async def change_account(self, key: str, **values: Any) -> None:
        """Change what is known of a customer."""
        async with self.database.write() as session:
            account = await session.get(Account, key)
            assert account is not None
            session.add(account.sqlmodel_update(values))

    async def said(self, number: int) -> list[Said]:
        """Everything queued about the case since it was last asked, in order."""
        found = [r for r in await self.rows(Outbox, case_number=number) if (r.id or 0) > self.told]
        self.told = max((r.id or 0 for r in found), default=self.told)
        return [
            Said(
                r.kind,
                r.payload.get("user", r.kind),
                r.payload.get("text", ""),
                r.payload.get("extra", {}),
                r,
            )
            for r in found
        ]

    async def heard(self, number: int) -> dict[str, list[str]]:
        """Names of the notices queued since last asked, by user id or ``post``."""
        found: dict[str, list[str]] = {}
        for each in await self.said(number):
            if each.text:
                found.setdefault(each.to, []).append(each.text.removeprefix("notice:"))
        return found

    async def timeline(self, number: int) -> list[TimelineEvent]:
        """The record of the case."""
        return await self.rows(TimelineEvent, case_number=number)

    async def last(self, number: int) -> TimelineEvent:
        """The newest entry of the record."""
        return (await self.timeline(number))[-1]

    async def roles(self, number: int) -> dict[str, str]:
        """Who holds which role on the case."""
        return {r.role: r.user_id for r in await self.rows(CaseRole, case_number=number)}

    async def clock(self, number: int, name: str) -> Clock | None:
        """A clock as it was last computed."""
        return next((c for c in await self.rows(Clock, case_number=number, name=name)), None)

    async def running(self, number: int) -> set[str]:
        """The names of the clocks that still run."""
        clocks = await self.rows(Clock, case_number=number)
        return {c.name for c in clocks if c.stopped_at is None and c.state != "cancelled"}

    async def events(self, number: int, kind: str) -> list[ClockEvent]:
        """What happened to the case's clocks, of one kind."""
        return await self.rows(ClockEvent, case_number=number, kind=kind)

    # -- a case on its way

    async def opened(self, who: str = ANNA, **fields: Any) -> int:
        """A new case of Acme; SEV2 unless said otherwise."""
        wanted = {
            "account": "acme",
            "customer": "Acme",
            "stake": "Checkout is down & we lose <orders>",
            "trigger": "technical",
            "severity": 2,
        }
        await self.do(who, "open_case", **{**wanted, **fields})
        return max(c.number for c in await self.rows(Case))

    async def claimed(self, who: str = EMMA, **fields: Any) -> int:
        """A case that an escalation manager has taken."""
        number = await self.opened(**fields)
        await self.do(who, "claim", number)
        return number

    async def update(self, number: int, who: str = ANNA, **fields: Any) -> None:
        """A customer message, an hour before the next one by default."""
        wanted = {
            "kind": "update",
            "text": "We found the cause.",
            "recipient": "Maria",
            "route": "email",
            "next_update_at": self.now + timedelta(hours=1),
        }
        await self.do(who, "update", number, **{**wanted, **fields})

    async def investigating(self, **fields: Any) -> int:
        """A case in work: claimed, and the customer answered."""
        number = await self.claimed(**fields)
        await self.update(number, kind="acknowledgement")
        return number

    async def resolve(self, number: int, who: str = EMMA, **fields: Any) -> Answer | None:
        """Describe a fix, of which the customer knows."""
        wanted = {
            "type": "fix",
            "note": "Rolled back",
            "text": "It works.",
            "recipient": "Maria",
            "already_sent": True,  # they told the customer themselves, and asked no one first
        }
        return await self.do(who, "resolve", number, **{**wanted, **fields})

    async def resolved(self, **fields: Any) -> int:
        """A case whose manager and technical lead are comfortable."""
        number = await self.investigating(**fields)
        await self.resolve(number)
        if "technical_lead" in await self.roles(number):
            await self.do(TINA, "confirm", number, party="technical_lead", comfortable=True)
        return number

    async def reviewed(self, **fields: Any) -> int:
        """A case that the customer has confirmed."""
        number = await self.resolved(**fields)
        await self.do(ANNA, "confirm", number, party="customer", comfortable=True)
        return number

    async def in_channel(self, number: int, channel: str = "C1") -> None:
        """Delivery has made the channel and said everything up to now."""
        async with self.database.write() as session:
            case = await session.get(Case, number)
            assert case is not None
            case.channel_id = channel
            for row in (await session.exec(select(Outbox))).all():
                row.state = "done"
                session.add(row)
            session.add(case)
        await self.said(number)


def acme() -> Account:
    """The customer that cases are about."""
    return Account(
        key="acme",
        name="Acme Hellas",
        folded="acme hellas",
        csm=CARL,
        account_executive=ALEX,
        sponsor=SPON,
        language="el",
        contact_name="Maria",
        contact_email="maria@acme.example",
    )
