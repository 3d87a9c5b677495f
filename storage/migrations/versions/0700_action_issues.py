"""The issue of an action item in the developers' tracker

Revision: 0700, after 0741
"""

import sqlalchemy as sa
from alembic import op
revision = '0700'
down_revision = '0741'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ('bug', 'bug_key'):
        op.add_column('action_item', sa.Column(name, sa.String(), server_default='', nullable=False))
    op.add_column('action_item', sa.Column('bug_seen', sa.JSON(), server_default='{}', nullable=False))
    op.create_index('ix_action_item_bug_key', 'action_item', ['bug_key'])


def downgrade() -> None:
    op.drop_index('ix_action_item_bug_key', 'action_item')
    for name in ('bug_seen', 'bug_key', 'bug'):
        op.drop_column('action_item', name)
