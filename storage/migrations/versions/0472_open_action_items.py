"""Open action items by their due day

Revision: 0472, after 0481
"""

import sqlalchemy as sa
from alembic import op
revision = '0472'
down_revision = '0481'
branch_labels = None
depends_on = None

OPEN = sa.text('done_at IS NULL')


def upgrade() -> None:
    op.create_index(
        'ix_action_item_open',
        'action_item',
        ['due', 'id'],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_index('ix_action_item_open', 'action_item')
