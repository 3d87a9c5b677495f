"""In which order cases and candidates are worked on, kept in their rows

What time and accounts make of it is not computed here: every open case becomes due, and the first
sweep ranks it.

Revision: 0470, after 0460
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0470'
down_revision = '0460'
branch_labels = None
depends_on = None

NEVER = '9999-01-01 00:00:00.000000'
OPEN = sa.text("status NOT IN ('closed', 'dismissed', 'merged')")
WAITING = sa.text("state = 'waiting'")
WORKED_ON = "('new', 'acknowledged', 'investigating', 'mitigated')"


def upgrade() -> None:
    op.add_column('escalation', sa.Column('rank', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('escalation', sa.Column('rank_at', storage.types.Instant(), nullable=True))
    op.add_column(
        'escalation',
        sa.Column('next_due', storage.types.Instant(), nullable=False, server_default=NEVER),
    )
    op.add_column('candidate', sa.Column('rank', sa.Integer(), nullable=False, server_default='0'))
    op.execute(
        f'UPDATE escalation SET rank = CASE WHEN status IN {WORKED_ON} THEN severity - 1 ELSE 4 END,'
        f' rank_at = CASE WHEN status IN {WORKED_ON} THEN received_at END'
    )
    op.execute(
        'UPDATE escalation SET next_due = (SELECT MIN(clock.due) FROM clock'
        ' WHERE clock.case_number = escalation.number AND clock.stopped_at IS NULL'
        " AND clock.state NOT IN ('met', 'cancelled'))"
        ' WHERE EXISTS (SELECT 1 FROM clock WHERE clock.case_number = escalation.number'
        ' AND clock.due IS NOT NULL AND clock.stopped_at IS NULL'
        " AND clock.state NOT IN ('met', 'cancelled'))"
    )
    # A candidate of SEV1 is as urgent, one of a valued account goes one place before its severity.
    op.execute(
        'UPDATE candidate SET rank = CASE WHEN severity > 1 AND EXISTS (SELECT 1 FROM account'
        ' WHERE account.key = candidate.account_key AND account.valued)'
        ' THEN severity - 2 ELSE severity - 1 END'
    )
    op.create_index('ix_escalation_rank_at', 'escalation', ['rank_at'])
    op.create_index(
        'ix_escalation_ranked',
        'escalation',
        ['rank', 'next_due', 'number'],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.drop_index('ix_candidate_waiting', 'candidate')
    op.create_index(
        'ix_candidate_waiting',
        'candidate',
        ['rank', 'received_at', 'id'],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade() -> None:
    op.drop_index('ix_candidate_waiting', 'candidate')
    op.create_index(
        'ix_candidate_waiting',
        'candidate',
        ['received_at', 'id'],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.drop_index('ix_escalation_ranked', 'escalation')
    op.drop_index('ix_escalation_rank_at', 'escalation')
    op.drop_column('candidate', 'rank')
    op.drop_column('escalation', 'next_due')
    op.drop_column('escalation', 'rank_at')
    op.drop_column('escalation', 'rank')
