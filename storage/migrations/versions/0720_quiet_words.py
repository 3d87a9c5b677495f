"""Who wants no quiet words about their own posts

Revision: 0720, after 0740
"""

import sqlalchemy as sa
from alembic import op
revision = '0720'
down_revision = '0740'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        'tip_reader',
        sa.Column('courtesy_off', sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column('tip_reader', 'courtesy_off')
