"""What the technical lead last reported as standing in the way of a case

Revision: 0160, after 0155
"""

import sqlalchemy as sa
from alembic import op
revision = '0160'
down_revision = '0155'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('escalation', sa.Column('standing', sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column('escalation', 'standing')
