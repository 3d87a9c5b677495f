"""Playbooks by which cases are worked on

Revision: 0521, after 0511
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0521'
down_revision = '0511'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'applied_playbook',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('playbook', sa.String(), nullable=False),
        sa.Column('applied_by', sa.String(), nullable=False),
        sa.Column('applied_at', storage.types.Instant(), nullable=False),
        sa.Column('done', sa.JSON(), nullable=False),
        sa.Column('reminded', sa.JSON(), nullable=False),
        sa.Column('next_at', storage.types.Instant(), nullable=True),
        sa.Column('ended_at', storage.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_applied_playbook_case_number', 'applied_playbook', ['case_number'])
    op.create_index('ix_applied_playbook_next_at', 'applied_playbook', ['next_at'])


def downgrade() -> None:
    op.drop_table('applied_playbook')
