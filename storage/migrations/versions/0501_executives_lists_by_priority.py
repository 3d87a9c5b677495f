"""What executives watch is listed by priority

Revision: 0501, after 0510
"""

import sqlalchemy as sa
from alembic import op
revision = '0501'
down_revision = '0510'
branch_labels = None
depends_on = None

OPEN = sa.text("status NOT IN ('closed', 'dismissed', 'merged')")
ON = {'sqlite_where': sa.text('executive IS 1'), 'postgresql_where': sa.text('executive IS true')}


def upgrade() -> None:
    _make(['rank', 'number'])


def downgrade() -> None:
    _make(['number'])


def _make(order: list[str]) -> None:
    op.drop_index('ix_escalation_open', 'escalation')
    op.create_index(
        'ix_escalation_open', 'escalation', ['severity', *order],
        sqlite_where=OPEN, postgresql_where=OPEN,
    )
    op.drop_index('ix_escalation_watched', 'escalation')
    op.create_index(
        'ix_escalation_watched', 'escalation', ['executive', 'severity', *order], **ON
    )
