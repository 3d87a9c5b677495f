"""Action items: who said that they are done, who looks, why one was dropped, who is offered it

Revision: 0510, after 0500
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0510'
down_revision = '0500'
branch_labels = None
depends_on = None

NAMES = ('reported_by', 'verifier', 'offered_to', 'offered_by')


def upgrade() -> None:
    op.add_column('action_item', sa.Column('reported_at', storage.types.Instant(), nullable=True))
    for name in NAMES:
        column = sa.Column(name, sa.String(), nullable=False, server_default='')
        op.add_column('action_item', column)
    why = sa.Column('dropped_why', sa.Text(), nullable=False, server_default='')
    op.add_column('action_item', why)
    for name in ('verifier', 'offered_to'):
        op.create_index(f'ix_action_item_{name}', 'action_item', [name])


def downgrade() -> None:
    for name in ('verifier', 'offered_to'):
        op.drop_index(f'ix_action_item_{name}', 'action_item')
    for name in ('dropped_why', *reversed(NAMES), 'reported_at'):
        op.drop_column('action_item', name)
