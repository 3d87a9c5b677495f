"""What was shown, for all replicas; what was done from a terminal, and by whom

Revision: 0170, after 0164
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0170'
down_revision = '0164'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'seen_request',
        sa.Column('key', sa.String(), nullable=False),
        sa.Column('at', storage.types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint('key'),
    )
    op.create_index('ix_seen_request_at', 'seen_request', ['at'])
    op.create_table(
        'terminal_action',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('at', storage.types.Instant(), nullable=False),
        sa.Column('by', sa.String(), nullable=False),
        sa.Column('command', sa.String(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=True),
        sa.Column('about', sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_terminal_action_case_number', 'terminal_action', ['case_number'])


def downgrade() -> None:
    op.drop_table('terminal_action')
    op.drop_table('seen_request')
