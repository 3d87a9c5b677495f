"""Overdue clocks whose ladder has ended are looked at once more, and then every morning

Revision: 0150, after 0145
"""

import sqlalchemy as sa
from alembic import op
revision = '0150'
down_revision = '0145'
branch_labels = None
depends_on = None

CLOCK = sa.table(
    'clock', sa.column('state', sa.String), sa.column('breached_at', sa.DateTime),
    sa.column('stopped_at', sa.DateTime), sa.column('next_fire_at', sa.DateTime),
)


def upgrade() -> None:
    silent = sa.and_(
        CLOCK.c.state == 'breached', CLOCK.c.stopped_at.is_(None), CLOCK.c.next_fire_at.is_(None)
    )
    op.execute(CLOCK.update().where(silent).values(next_fire_at=CLOCK.c.breached_at))


def downgrade() -> None:
    pass  # the version before fires nothing twice, and sets the column itself
