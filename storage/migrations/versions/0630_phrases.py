"""What customers wrote later, as far as a playbook is by it

Revision: 0630, after 0610
"""

import sqlalchemy as sa
from alembic import op
revision = '0630'
down_revision = '0610'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('escalation', sa.Column('phrases', sa.JSON(), nullable=False, server_default='{}'))


def downgrade() -> None:
    op.drop_column('escalation', 'phrases')
