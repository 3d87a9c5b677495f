"""Who holds a row of the inbox and the outbox, and when a row was first attempted by Slack's time

Revision: 0080, after 0070
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0080'
down_revision = '0070'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The defaults let a replica of the version before go on writing.
    op.add_column('inbox', sa.Column('claims', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('outbox', sa.Column('claims', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('outbox', sa.Column('attempted_slack', storage.types.Instant(), nullable=True))
    op.add_column('mail', sa.Column('handed_claim', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('mail', sa.Column('answer', sa.Text(), nullable=False, server_default=''))


def downgrade() -> None:
    op.drop_column('mail', 'answer')
    op.drop_column('mail', 'handed_claim')
    op.drop_column('outbox', 'attempted_slack')
    op.drop_column('outbox', 'claims')
    op.drop_column('inbox', 'claims')
