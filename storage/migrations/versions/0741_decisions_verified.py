"""Decisions of a quarter are looked at by a second person before they count as done

What was done before stays done.

Revision: 0741, after 0720
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0741'
down_revision = '0720'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('quarter_decision', sa.Column('reported_at', storage.types.Instant(), nullable=True))
    op.add_column('quarter_decision', sa.Column('verifier', sa.String(), nullable=False, server_default=''))
    op.add_column('quarter_decision', sa.Column('remark', sa.Text(), nullable=False, server_default=''))


def downgrade() -> None:
    op.drop_column('quarter_decision', 'remark')
    op.drop_column('quarter_decision', 'verifier')
    op.drop_column('quarter_decision', 'reported_at')
