"""The form that corrects, as a person has it open: filled with what the case says at that time."""

from typing import Any

from bot.cases.correction.parts import mark_part, values_of
from bot.engine.inbox import Answer
from storage.models import Account, Case
from tests.bot.stage import EMMA, Stage

OTHER = "globex"


def globex(**fields: Any) -> Account:
    """Another customer, with people and a contact of its own."""
    known = {
        "csm": "UGLOCSM",
        "account_executive": None,
        "sponsor": "UGLOSPON",
        "language": "en",
        "contact_name": "Hank",
        "contact_email": "hank@globex.example",
    }
    return Account(key=OTHER, name="Globex", folded="globex", **{**known, **fields})


async def opened_form(stage: Stage, number: int) -> dict[str, Any]:
    """Every field as it is now, and the marks of all parts."""
    async with stage.database.read() as session:
        case = await session.get_one(Case, number)
        account = await session.get(Account, case.account_key) if case.account_key else None
    values = values_of(case, account)
    return {
        "account": values["customer"][0],
        "customer": values["customer"][1],
        "stake": case.stake,
        "stake_quoted": case.stake_quoted,
        "trigger": case.trigger,
        "language": case.language,
        "component": case.component,
        "ticket_url": case.ticket_url,
        "contact_name": case.contact_name,
        "contact_email": case.contact_email,
        "second_name": case.second_name,
        "second_email": case.second_email,
        "seen": {part: mark_part(part, value) for part, value in values.items()},
    }


async def edit(stage: Stage, number: int, who: str = EMMA, **fields: Any) -> Answer | None:
    """Open the form and send it with these fields changed."""
    return await stage.do(
        who, "edit_case", number, **{**await opened_form(stage, number), **fields}
    )
