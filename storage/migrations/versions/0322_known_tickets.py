"""Tickets of help desks as they were last seen

Revision: 0322, after 0320
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0322'
down_revision = '0320'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'known_ticket',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('helpdesk', sa.String(), nullable=False),
        sa.Column('ticket', sa.String(), nullable=False),
        sa.Column('status', sa.String(), nullable=False),
        sa.Column('found', sa.JSON(), nullable=False),
        sa.Column('heard', sa.String(), nullable=False),
        sa.Column('heard_at', storage.types.Instant(), nullable=True),
        sa.Column('rating', sa.String(), nullable=False),
        sa.Column('merged_into', sa.String(), nullable=False),
        sa.Column('look_at', storage.types.Instant(), nullable=True),
        sa.Column('seen_at', storage.types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('helpdesk', 'ticket'),
    )
    op.create_index('ix_known_ticket_look_at', 'known_ticket', ['look_at'])


def downgrade() -> None:
    op.drop_table('known_ticket')
