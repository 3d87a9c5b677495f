"""Which component of the product a case is about

Revision: 0450, after 0440
"""

import sqlalchemy as sa
from alembic import op
revision = '0450'
down_revision = '0440'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        'escalation', sa.Column('component', sa.String(), nullable=False, server_default='')
    )


def downgrade() -> None:
    op.drop_column('escalation', 'component')
