"""Cases that an executive watches, by index

Revision: 0050, after 0040
"""

import sqlalchemy as sa
from alembic import op

revision = '0050'
down_revision = '0040'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        'ix_escalation_watched', 'escalation', ['executive', 'severity', 'number'],
        sqlite_where=sa.text('executive IS 1'), postgresql_where=sa.text('executive IS true'),
    )


def downgrade() -> None:
    op.drop_index('ix_escalation_watched', 'escalation')
