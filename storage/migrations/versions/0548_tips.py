"""Who is given tips, which they had, and who wants none

Revision: 0548, after 0547
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0548'
down_revision = '0547'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'tip_reader',
        sa.Column('user_id', sa.String(), nullable=False),
        sa.Column('forms', sa.JSON(), nullable=False),
        sa.Column('told', sa.Integer(), nullable=False),
        sa.Column('next_at', storage.types.Instant(), nullable=True),
        sa.Column('forms_off', sa.Boolean(), nullable=False),
        sa.Column('weekly_off', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('user_id'),
    )
    op.create_index('ix_tip_reader_next_at', 'tip_reader', ['next_at'])


def downgrade() -> None:
    op.drop_table('tip_reader')
