"""Whether an account raises the priority of its cases

Revision: 0426, after 0424
"""

import sqlalchemy as sa
from alembic import op
revision = '0426'
down_revision = '0424'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        'account', sa.Column('valued', sa.Boolean(), nullable=False, server_default='0')
    )


def downgrade() -> None:
    op.drop_column('account', 'valued')
