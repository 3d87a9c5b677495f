"""Private channels for Legal

Revision: 0481, after 0480
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0481'
down_revision = '0480'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'legal_room',
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('channel_id', sa.String(), nullable=True),
        sa.Column('channel_name', sa.String(), nullable=True),
        sa.Column('opened_by', sa.String(), nullable=False),
        sa.Column('opened_at', storage.types.Instant(), nullable=False),
        sa.Column('invited', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('case_number'),
    )
    op.create_index('ix_legal_room_channel_id', 'legal_room', ['channel_id'])


def downgrade() -> None:
    op.drop_table('legal_room')
