"""Records that prove themselves: a chain of digests, and rows that the database does not change

Revision: 0551, after 0550
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0551'
down_revision = '0550'
branch_labels = None
depends_on = None

KEPT = ('timeline_event', 'problem_event', 'clock_event', 'terminal_action', 'audit_event')
REFUSED = 'rows of % are never changed'


def upgrade() -> None:
    op.create_table(
        'audit_event',
        sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('form', sa.Integer(), nullable=False),
        sa.Column('record', sa.String(), nullable=False),
        sa.Column('row', sa.Integer(), nullable=False),
        sa.Column('at', storage.types.Instant(), nullable=False),
        sa.Column('what', sa.String(), nullable=False),
        sa.Column('about', sa.String(), nullable=False),
        sa.Column('source', sa.String(), nullable=False),
        sa.Column('who', sa.String(), nullable=False),
        sa.Column('content', sa.String(), nullable=False),
        sa.Column('previous', sa.String(), nullable=False),
        sa.Column('hash', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('seq'),
        sa.UniqueConstraint('record', 'row'),
    )
    op.create_table(
        'audit_salt',
        sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('salt', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['seq'], ['audit_event.seq']),
        sa.PrimaryKeyConstraint('seq'),
    )
    if op.get_bind().dialect.name == 'sqlite':
        for table in KEPT:
            for change in ('UPDATE', 'DELETE'):
                op.execute(
                    f"CREATE TRIGGER keep_{table}_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{REFUSED}', TG_TABLE_NAME; END $$"
    )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER keep_{table}_whole BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == 'sqlite'
    for table in KEPT:
        for name in (f'keep_{table}_update', f'keep_{table}_delete') if sqlite else ():
            op.execute(f'DROP TRIGGER {name}')
        for name in () if sqlite else (f'keep_{table}', f'keep_{table}_whole'):
            op.execute(f'DROP TRIGGER {name} ON {table}')
    if not sqlite:
        op.execute('DROP FUNCTION refuse_change()')
    op.drop_table('audit_salt')
    op.drop_table('audit_event')
