"""What the clocks of closed cases came to

Revision: 0530, after 0521
"""

import sqlalchemy as sa
from alembic import op
revision = '0530'
down_revision = '0521'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'ended_clocks',
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('data', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('case_number'),
    )


def downgrade() -> None:
    op.drop_table('ended_clocks')
