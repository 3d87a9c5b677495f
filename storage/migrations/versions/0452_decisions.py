"""Decisions on cases, and how they came out

Revision: 0452, after 0450
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0452'
down_revision = '0450'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'case_decision',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('decision', sa.Text(), nullable=False),
        sa.Column('options', sa.Text(), nullable=False),
        sa.Column('why', sa.Text(), nullable=False),
        sa.Column('decider', sa.String(), nullable=False),
        sa.Column('author', sa.String(), nullable=False),
        sa.Column('at', storage.types.Instant(), nullable=False),
        sa.Column('next_at', storage.types.Instant(), nullable=True),
        sa.Column('asked', sa.Integer(), nullable=False),
        sa.Column('outcome', sa.String(), nullable=False),
        sa.Column('lesson', sa.Text(), nullable=False),
        sa.Column('judged_by', sa.String(), nullable=False),
        sa.Column('judged_at', storage.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_case_decision_case_number', 'case_decision', ['case_number'])
    op.create_index('ix_case_decision_next_at', 'case_decision', ['next_at'])


def downgrade() -> None:
    op.drop_table('case_decision')
