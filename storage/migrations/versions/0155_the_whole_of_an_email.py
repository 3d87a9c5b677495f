"""The whole of an email, and what was found while it was read

Revision: 0155, after 0150
"""

import sqlalchemy as sa
from alembic import op
revision = '0155'
down_revision = '0150'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The defaults let a replica of the version before go on writing.
    op.add_column('mail', sa.Column('whole', sa.Text(), nullable=False, server_default=''))
    op.add_column('mail', sa.Column('reading', sa.JSON(), nullable=False, server_default='{}'))


def downgrade() -> None:
    op.drop_column('mail', 'reading')
    op.drop_column('mail', 'whole')
