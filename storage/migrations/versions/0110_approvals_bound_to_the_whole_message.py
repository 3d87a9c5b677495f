"""Approvals bound to the whole message, and questions about money with their amount

What was asked or approved before is bound to less: it is void and asked anew. A question without
an amount allows no money.

Revision: 0110, after 0105
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0110'
down_revision = '0105'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The defaults let a replica of the version before go on writing.
    op.add_column('customer_draft', sa.Column('bound', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('customer_draft', sa.Column('reason', sa.String(), nullable=False, server_default=''))
    op.add_column('customer_draft', sa.Column('expires_at', storage.types.Instant(), nullable=True))
    op.execute("UPDATE customer_draft SET state = 'void' WHERE state IN ('waiting', 'approved')")
    op.add_column('broadcast', sa.Column('expires_at', storage.types.Instant(), nullable=True))
    op.execute("UPDATE broadcast SET state = 'void' WHERE state IN ('waiting', 'approved')")
    op.add_column('ask', sa.Column('meaning', sa.String(), nullable=False, server_default='decision'))
    op.add_column('ask', sa.Column('amount', sa.String(), nullable=False, server_default=''))
    op.add_column('ask', sa.Column('currency', sa.String(), nullable=False, server_default=''))
    op.add_column('escalation', sa.Column('ticket_requester', sa.String(), nullable=False, server_default=''))


def downgrade() -> None:
    op.drop_column('escalation', 'ticket_requester')
    op.drop_column('ask', 'currency')
    op.drop_column('ask', 'amount')
    op.drop_column('ask', 'meaning')
    op.drop_column('broadcast', 'expires_at')
    op.drop_column('customer_draft', 'expires_at')
    op.drop_column('customer_draft', 'reason')
    op.drop_column('customer_draft', 'bound')
