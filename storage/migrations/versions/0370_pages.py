"""Who was paged about a case, and when the next is

Revision: 0370, after 0360
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0370'
down_revision = '0360'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('escalation', sa.Column('paged', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('escalation', sa.Column('page_at', storage.types.Instant(), nullable=True))
    op.create_index('ix_escalation_page_at', 'escalation', ['page_at'])


def downgrade() -> None:
    op.drop_index('ix_escalation_page_at', 'escalation')
    op.drop_column('escalation', 'page_at')
    op.drop_column('escalation', 'paged')
