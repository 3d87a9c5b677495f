"""Customers with keys that forms can carry, names folded anew, revenue beyond two thousand millions

Revision: 0145, after 0140
"""

import sqlalchemy as sa
from alembic import op
from bot.rules.names import fold_name, slug
revision = '0145'
down_revision = '0140'
branch_labels = None
depends_on = None

LONGEST = 142  # characters of a key that fits into an option of a form
KEPT = 60

account = sa.table('account', sa.column('key'), sa.column('name'), sa.column('folded'))
case = sa.table('escalation', sa.column('account_key'), sa.column('customer'))
affected = sa.table('affected', sa.column('id'), sa.column('problem'), sa.column('customer'),
                    sa.column('folded'), sa.column('account_key'))


def upgrade() -> None:
    _widen(sa.BigInteger())
    database = op.get_bind()
    taken = set(database.execute(sa.select(account.c.key)).scalars())
    for row in database.execute(sa.select(account.c.key, account.c.name)).all():
        database.execute(account.update().where(account.c.key == row.key)
                         .values(folded=fold_name(row.name)))
        if not row.key or len(row.key) > LONGEST:
            _give_key(database, row.key, row.name, taken)
    _fold_affected(database)


def _give_key(database: sa.Connection, old: str, name: str, taken: set[str]) -> None:
    """Give an account another key, and point to it what pointed to the old one."""
    first = (slug(name) or 'account')[:KEPT].strip('-')
    new = next(key for number in range(1, len(taken) + 2)
               for key in [first if number == 1 else f'{first}-{number}'] if key not in taken)
    taken.add(new)
    columns = [c['name'] for c in sa.inspect(database).get_columns('account') if c['name'] != 'key']
    names = ', '.join(columns)
    database.execute(
        sa.text(f'INSERT INTO account (key, {names}) SELECT :new, {names} FROM account '  # noqa: S608
                'WHERE key = :old'), {'new': new, 'old': old})
    for table in (case, affected):
        database.execute(table.update().where(table.c.account_key == old).values(account_key=new))
    if not old:  # a form took it for no account, so its cases have the name alone
        database.execute(case.update().where(case.c.account_key.is_(None), case.c.customer == name)
                         .values(account_key=new))
    database.execute(account.delete().where(account.c.key == old))


def _fold_affected(database: sa.Connection) -> None:
    """Fold the names of affected customers anew; two that are one now stay as they are."""
    rows = database.execute(sa.select(affected.c.id, affected.c.problem, affected.c.customer,
                                      affected.c.folded)).all()
    kept = {(row.problem, row.folded) for row in rows}
    for row in rows:
        folded = fold_name(row.customer)
        if folded != row.folded and (row.problem, folded) not in kept:
            kept.add((row.problem, folded))
            database.execute(affected.update().where(affected.c.id == row.id)
                             .values(folded=folded))


def _widen(wanted: sa.types.TypeEngine) -> None:
    """SQLite's integers are as wide already, and others refer to its table."""
    if op.get_bind().dialect.name == 'postgresql':
        op.alter_column('account', 'arr', type_=wanted, existing_nullable=True)


def downgrade() -> None:
    _widen(sa.Integer())
