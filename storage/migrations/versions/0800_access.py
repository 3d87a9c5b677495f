"""Who read what is restricted, who was refused, who took a record out

Revision: 0800, after 0760
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0800'
down_revision = '0760'
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
        for change in ('UPDATE', 'DELETE'):
            op.execute(
                f"CREATE TRIGGER keep_access_event_{change.lower()} BEFORE {change} ON access_event "
                "BEGIN SELECT RAISE(ABORT, 'rows of access_event are never changed'); END"
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


def downgrade() -> None:
    op.drop_table('access_event')
