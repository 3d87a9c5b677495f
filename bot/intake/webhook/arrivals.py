"""From a report to what is taken in: whose it is, and what was understood otherwise."""

from collections.abc import Sequence

from sqlmodel import col, select

from bot.engine.unit_of_work import UnitOfWork
from bot.intake.webhook.report import Report
from bot.rules.intake import Arrival, Contact, Reason
from bot.rules.names import fold_name, is_same_name
from storage.models import Account


async def read_arrival(work: UnitOfWork, source: str, report: Report) -> tuple[Arrival, list[str]]:
    """Return what a report brought, and remarks for its sender.

    An account that is not known is taken as the customer's name, so that nothing is lost; where the
    report names the customer besides, it is kept in ``details`` as ``account``, or as ``account
    (sent)`` where the report has a detail of that name. Without
    ``happened_at`` it happened now. Remarks are English sentences, none where all was understood.
    Locks nothing.
    """
    account, remarks = await _find_account(work, report)
    customer = report.customer or ("" if account else report.account)
    name = "account (sent)" if "account" in report.details else "account"
    kept = {name: report.account} if remarks and report.customer else {}
    return Arrival(
        source=source,
        key=report.key,
        text=report.text,
        happened_at=report.happened_at or work.now,
        account=account,
        customer=customer,
        contact=Contact(report.contact.name, report.contact.email, report.contact.phone),
        thread=report.thread,
        link=report.link,
        rating=report.rating,
        language=report.language,
        severity=report.severity,
        trigger=report.trigger,
        reasons=tuple(Reason(each) for each in report.reasons),
        sensitive=report.sensitive,
        details=report.details | kept,
    ), remarks


async def _find_account(work: UnitOfWork, report: Report) -> tuple[str, list[str]]:
    """The key of the account that the report names, by key or by name; empty for none.

    A key counts before a name. Of a name that several accounts have none is taken. The second part
    of the answer is the remark for the sender, none where an account was found or none was named.
    """
    if not report.account:
        return "", []
    folded = fold_name(report.account)
    query = select(Account).where(
        (col(Account.key) == report.account) | (col(Account.folded) == folded)
    )
    found: Sequence[Account] = (await work.session.exec(query)).all()
    keyed = [each.key for each in found if each.key == report.account]
    named = [each.key for each in found if is_same_name(each.name, report.account)]
    if keyed or len(named) == 1:
        return (keyed or named)[0], []
    where = "kept with the details" if report.customer else "taken as the customer's name"
    why = f"knows no account {report.account}"
    if len(named) > 1:
        why = f"knows several accounts named {report.account}, and only a key tells them apart"
    return "", [f"account: the app {why}; it was {where}."]
