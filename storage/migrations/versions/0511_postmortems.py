"""What a postmortem found, saved between sittings, and who came

Revision: 0511, after 0520
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0511'
down_revision = '0520'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'postmortem',
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('root_cause', sa.Text(), nullable=False),
        sa.Column('better', sa.Text(), nullable=False),
        sa.Column('prevention', sa.String(), nullable=False),
        sa.Column('no_action', sa.Text(), nullable=False),
        sa.Column('facilitator', sa.String(), nullable=False),
        sa.Column('came', sa.JSON(), nullable=False),
        sa.Column('saved_by', sa.String(), nullable=False),
        sa.Column('saved_at', storage.types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('case_number'),
    )


def downgrade() -> None:
    op.drop_table('postmortem')
