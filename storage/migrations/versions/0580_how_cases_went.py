"""What is kept of closed cases has their statuses and pauses: it is computed again

Revision: 0580, after 0590
"""

from alembic import op
revision = '0580'
down_revision = '0590'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute('DELETE FROM ended_clocks')


def downgrade() -> None:
    op.execute('DELETE FROM ended_clocks')
