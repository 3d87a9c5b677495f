"""Playbooks that are applied by themselves

Revision: 0540, after 0530
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0540'
down_revision = '0530'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('escalation', sa.Column('playbooks_at', storage.types.Instant(), nullable=True))
    op.create_index('ix_escalation_playbooks_at', 'escalation', ['playbooks_at'])
    op.add_column('applied_playbook', sa.Column('because', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('applied_playbook', sa.Column('offered', sa.JSON(), nullable=False, server_default='[]'))


def downgrade() -> None:
    op.drop_column('applied_playbook', 'offered')
    op.drop_column('applied_playbook', 'because')
    op.drop_index('ix_escalation_playbooks_at', 'escalation')
    op.drop_column('escalation', 'playbooks_at')
