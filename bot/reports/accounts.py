"""Which customer is meant by what a person typed."""

from sqlmodel import col, or_, select

from bot.errors import UserError
from bot.rules.names import fold_name
from storage.database import Database
from storage.models import Account

CHOICES_MAX = 5  # customers that a part of a name may mean, as they are told


async def find_account_key(database: Database, customer: str) -> str:
    """The key of the account that is meant: by its key, or a part of its name, however accented.

    A whole name goes before longer ones that it is a part of. Raises UserError
    ``no_such_customer`` (``customer``), ``which_customer`` (``customers``).
    """
    part = fold_name(customer)
    named = col(Account.folded).contains(part, autoescape=True)
    query = select(Account.key, Account.name, Account.folded)
    query = query.where(or_(named, col(Account.key) == customer)).order_by(col(Account.name))
    async with database.read() as session:
        found = (await session.exec(query)).all()
    same = [key for key, _, folded in found if part == folded or key == customer]
    if not found:
        raise UserError("no_such_customer", customer=customer)
    if len(found) == 1 or len(same) == 1:
        return found[0][0] if len(found) == 1 else same[0]
    raise UserError("which_customer", customers=[name for _, name, _ in found][:CHOICES_MAX])
