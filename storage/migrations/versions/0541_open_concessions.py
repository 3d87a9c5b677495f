"""Open concessions have an index of their own, in the order in which lists show them

Revision: 0541, after 0540
"""

import sqlalchemy as sa
from alembic import op
revision = '0541'
down_revision = '0540'
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('waiting', 'approved', 'promised')")


def upgrade() -> None:
    op.drop_index('ix_concession_state', 'concession')
    op.create_index(
        'ix_concession_open', 'concession', ['id'], sqlite_where=OPEN, postgresql_where=OPEN
    )


def downgrade() -> None:
    op.drop_index('ix_concession_open', 'concession')
    op.create_index('ix_concession_state', 'concession', ['state', 'id'])
