"""Urgency and deadline of a case, and what customers say against its ranking

Revision: 0360, after 0350
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0360'
down_revision = '0350'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('escalation', sa.Column('urgency', sa.String(), nullable=False, server_default=''))
    op.add_column('escalation', sa.Column('deadline', storage.types.Instant(), nullable=True))
    op.create_table(
        'contest',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('words', sa.Text(), nullable=False),
        sa.Column('by', sa.String(), nullable=False),
        sa.Column('at', storage.types.Instant(), nullable=False),
        sa.Column('ask_at', storage.types.Instant(), nullable=True),
        sa.Column('asked', sa.Integer(), nullable=False),
        sa.Column('answer', sa.Text(), nullable=False),
        sa.Column('answered_by', sa.String(), nullable=False),
        sa.Column('answered_at', storage.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_contest_case_number', 'contest', ['case_number'])
    op.create_index('ix_contest_ask_at', 'contest', ['ask_at'])


def downgrade() -> None:
    op.drop_table('contest')
    op.drop_column('escalation', 'deadline')
    op.drop_column('escalation', 'urgency')
