"""How far people have read in a case's record

Revision: 0491, after 0490
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0491'
down_revision = '0490'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'read_mark',
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.String(), nullable=False),
        sa.Column('entry', sa.Integer(), nullable=False),
        sa.Column('at', storage.types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('case_number', 'user_id'),
    )


def downgrade() -> None:
    op.drop_table('read_mark')
