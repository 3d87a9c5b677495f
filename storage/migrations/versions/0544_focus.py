"""The technical lead's focus, what it keeps back, and questions to the lead

Revision: 0544, after 0543
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0544'
down_revision = '0543'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        'escalation', sa.Column('focus_of', sa.String(), nullable=False, server_default='')
    )
    op.create_table(
        'focus_period',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('lead', sa.String(), nullable=False),
        sa.Column('set_by', sa.String(), nullable=False),
        sa.Column('since', storage.types.Instant(), nullable=False),
        sa.Column('until', storage.types.Instant(), nullable=False),
        sa.Column('asked_at', storage.types.Instant(), nullable=True),
        sa.Column('missed', sa.Integer(), nullable=False),
        sa.Column('next_at', storage.types.Instant(), nullable=True),
        sa.Column('ended', sa.String(), nullable=False),
        sa.Column('ended_at', storage.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_focus_period_case_number', 'focus_period', ['case_number'])
    op.create_index('ix_focus_period_next_at', 'focus_period', ['next_at'])
    op.create_table(
        'focus_notice',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.String(), nullable=False),
        sa.Column('payload', sa.JSON(), nullable=False),
        sa.Column('at', storage.types.Instant(), nullable=False),
        sa.Column('through', sa.Boolean(), nullable=False),
        sa.Column('told_at', storage.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_focus_notice_case_number', 'focus_notice', ['case_number'])
    op.create_table(
        'lead_question',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('asked_of', sa.String(), nullable=False),
        sa.Column('asked_by', sa.String(), nullable=False),
        sa.Column('question', sa.Text(), nullable=False),
        sa.Column('asked_at', storage.types.Instant(), nullable=False),
        sa.Column('told_at', storage.types.Instant(), nullable=True),
        sa.Column('answer', sa.Text(), nullable=False),
        sa.Column('answered_by', sa.String(), nullable=False),
        sa.Column('answered_at', storage.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_lead_question_case_number', 'lead_question', ['case_number'])


def downgrade() -> None:
    op.drop_table('lead_question')
    op.drop_table('focus_notice')
    op.drop_table('focus_period')
    op.drop_column('escalation', 'focus_of')
