"""What is known of schedules and user groups that stand in the rota

Revision: 0460, after 0452
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0460'
down_revision = '0452'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'duty_source',
        sa.Column('reference', sa.String(), nullable=False),
        sa.Column('known', sa.JSON(), nullable=False),
        sa.Column('known_at', storage.types.Instant(), nullable=True),
        sa.Column('look_at', storage.types.Instant(), nullable=True),
        sa.Column('fault', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('reference'),
    )


def downgrade() -> None:
    op.drop_table('duty_source')
