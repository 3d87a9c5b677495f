"""When people go off duty, and what is open of it

Revision: 0350, after 0340
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0350'
down_revision = '0340'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'shift_end',
        sa.Column('user_id', sa.String(), nullable=False),
        sa.Column('ends_at', storage.types.Instant(), nullable=True),
        sa.Column('ask_at', storage.types.Instant(), nullable=True),
        sa.Column('handled', storage.types.Instant(), nullable=True),
        sa.Column('decide_at', storage.types.Instant(), nullable=True),
        sa.Column('heir', sa.String(), nullable=False),
        sa.Column('kept', sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint('user_id'),
    )
    op.create_index('ix_shift_end_ask_at', 'shift_end', ['ask_at'])
    op.create_index('ix_shift_end_decide_at', 'shift_end', ['decide_at'])


def downgrade() -> None:
    op.drop_table('shift_end')
