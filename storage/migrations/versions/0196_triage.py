"""Decisions that were taken back, what was logged as a known issue, and what a person reported

Revision: 0196, after 0194
"""

import sqlalchemy as sa
from alembic import op

revision = '0196'
down_revision = '0194'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('candidate', sa.Column('undone', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('candidate', sa.Column('issue', sa.Integer(), nullable=True))
    op.add_column('candidate', sa.Column('waiter', sa.Integer(), nullable=True))
    op.create_index('ix_signal_reporter', 'signal', ['reported_by', 'candidate'])


def downgrade() -> None:
    op.drop_index('ix_signal_reporter', 'signal')
    for name in ('waiter', 'issue', 'undone'):
        op.drop_column('candidate', name)
