"""What is kept of closed cases has their statuses and pauses: it is computed again

Revision: 0542, after 0541
"""

from alembic import op
revision = '0542'
down_revision = '0541'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute('DELETE FROM ended_clocks')


def downgrade() -> None:
    op.execute('DELETE FROM ended_clocks')
