"""Who has how many open cases is counted from an index alone, whatever else is stored

Revision: 0550, after 0549
"""

import sqlalchemy as sa
from alembic import op
revision = '0550'
down_revision = '0549'
branch_labels = None
depends_on = None

OPEN = sa.text("status NOT IN ('closed', 'dismissed', 'merged')")


def upgrade() -> None:
    op.create_index(
        'ix_escalation_load', 'escalation', ['owner', 'severity'],
        sqlite_where=OPEN, postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_index('ix_escalation_load', 'escalation')
