"""Cases that were closed in favour of another, and offers found by whom they wait for

Revision: 0150, after 0140
"""

import sqlalchemy as sa
from alembic import op
revision = '0150'
down_revision = '0140'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('escalation', sa.Column('duplicate_of', sa.Integer(), nullable=True))
    op.create_index('ix_handover_offered_to', 'handover', ['offered_to'])


def downgrade() -> None:
    op.drop_index('ix_handover_offered_to', 'handover')
    op.drop_column('escalation', 'duplicate_of')
