"""Meetings that stand in people's calendars

Revision: 0435, after 0430
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0435'
down_revision = '0430'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'meeting',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('uid', sa.String(), nullable=False),
        sa.Column('sequence', sa.Integer(), nullable=False),
        sa.Column('begins', storage.types.Instant(), nullable=False),
        sa.Column('minutes', sa.Integer(), nullable=False),
        sa.Column('place', sa.Text(), nullable=False),
        sa.Column('planned_by', sa.String(), nullable=False),
        sa.Column('invited', sa.JSON(), nullable=False),
        sa.Column('cancelled', sa.Boolean(), nullable=False),
        sa.Column('changed_at', storage.types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('case_number', 'kind', name='uq_meeting_kind'),
        sa.UniqueConstraint('uid'),
    )


def downgrade() -> None:
    op.drop_table('meeting')
