"""Letters that wait for the technical lead, and channels that stay private

Revision: 0180, after 0170
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0180'
down_revision = '0170'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('escalation', sa.Column('letter', sa.JSON(), nullable=True))
    op.add_column('escalation', sa.Column('letter_due', storage.types.Instant(), nullable=True))
    op.add_column(
        'escalation',
        sa.Column('private_channel', sa.Boolean(), server_default='0', nullable=False),
    )
    op.create_index('ix_escalation_letter_due', 'escalation', ['letter_due'])


def downgrade() -> None:
    op.drop_index('ix_escalation_letter_due', 'escalation')
    op.drop_column('escalation', 'private_channel')
    op.drop_column('escalation', 'letter_due')
    op.drop_column('escalation', 'letter')
