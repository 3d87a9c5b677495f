"""When another is asked in the place of who has not answered whether they help

Questions of before are given no time: nothing follows on their silence, as it was said.

Revision: 0740, after 0630
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0740'
down_revision = '0630'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('helper', sa.Column('next_at', storage.types.Instant(), nullable=True))
    op.create_index('ix_helper_next_at', 'helper', ['next_at'])


def downgrade() -> None:
    op.execute("UPDATE helper SET state = 'asked' WHERE state = 'silent'")
    op.drop_index('ix_helper_next_at', 'helper')
    op.drop_column('helper', 'next_at')
