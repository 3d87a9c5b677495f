"""How a customer's contact is addressed, and what a case knows of the customer's own report

Revision: 0140, after 0120
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0140'
down_revision = '0120'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The defaults let a replica of the version before go on writing.
    op.add_column('account', sa.Column('greeting', sa.String(), nullable=False, server_default=''))
    op.add_column('escalation', sa.Column('reported_at', storage.types.Instant(), nullable=True))
    op.add_column('escalation', sa.Column('stake_quoted', sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column('escalation', 'stake_quoted')
    op.drop_column('escalation', 'reported_at')
    op.drop_column('account', 'greeting')
