"""Who read what is restricted, who was refused, who took a record out

Revision: 0810, after 0801

A record as the others: never changed but for the name of who is erased, by the rule of 0800. On
PostgreSQL the function that refuses has that door already.
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0810'
down_revision = '0801'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'access_event',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('at', storage.types.Instant(), nullable=False),
        sa.Column('actor', sa.String(), nullable=False),
        sa.Column('verb', sa.String(), nullable=False),
        sa.Column('door', sa.String(), nullable=False),
        sa.Column('why', sa.String(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=True),
        sa.Column('problem', sa.Integer(), nullable=True),
        sa.Column('about', sa.String(), nullable=False),
        sa.Column('hour', storage.types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.ForeignKeyConstraint(['problem'], ['problem.number']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint(
            'actor', 'verb', 'door', 'why', 'about', 'hour', name='access_once'
        ),
    )
    op.create_index('ix_access_event_case_number', 'access_event', ['case_number'])
    op.create_index('ix_access_event_problem', 'access_event', ['problem'])
    if op.get_bind().dialect.name == 'sqlite':
        for change, door in (('UPDATE', f'WHEN NOT ({_erases()}) '), ('DELETE', '')):
            op.execute(
                f"CREATE TRIGGER keep_access_event_{change.lower()} BEFORE {change} ON access_event "
                f"{door}BEGIN SELECT RAISE(ABORT, 'rows of access_event are never changed'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER keep_access_event BEFORE UPDATE OR DELETE ON access_event "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER keep_access_event_whole BEFORE TRUNCATE ON access_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _erases() -> str:
    alias = "json_extract(f.about, '$.as')"
    stays = ('id', 'at', 'verb', 'door', 'why', 'case_number', 'problem', 'about', 'hour')
    said = [f'NEW."{name}" IS OLD."{name}"' for name in stays]
    begin = f'instr(NEW.actor, {alias}) - 1'
    said += [
        "f.verb = 'erase'",
        "NOT EXISTS (SELECT 1 FROM forgotten g"
        " WHERE g.verb = 'erased' AND json_extract(g.about, '$.rule') = f.id)",
        f"{alias} GLOB '*-????????'",
        f'(NEW.actor IS OLD.actor OR (instr(NEW.actor, {alias}) > 0'
        f' AND substr(NEW.actor, 1, {begin}) = substr(OLD.actor, 1, {begin})))',
    ]
    return f"EXISTS (SELECT 1 FROM forgotten f WHERE {' AND '.join(said)})"


def downgrade() -> None:
    op.drop_table('access_event')
