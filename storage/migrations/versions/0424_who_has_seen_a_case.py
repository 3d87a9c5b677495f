"""Which stakeholders have seen a case, and who of an account was named in Slack

Revision: 0424, after 0420
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0424'
down_revision = '0420'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('escalation', sa.Column('told', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('escalation', sa.Column('told_at', storage.types.Instant(), nullable=True))
    op.create_index('ix_escalation_told_at', 'escalation', ['told_at'])
    op.add_column(
        'account', sa.Column('named_here', sa.JSON(), nullable=False, server_default='{}')
    )


def downgrade() -> None:
    op.drop_column('account', 'named_here')
    op.drop_index('ix_escalation_told_at', 'escalation')
    op.drop_column('escalation', 'told_at')
    op.drop_column('escalation', 'told')
