"""Customers' channels in Slack: links, threads, messages

Revision: 0330, after 0322
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0330'
down_revision = '0322'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'connect_link',
        sa.Column('channel_id', sa.String(), nullable=False),
        sa.Column('account_key', sa.String(), nullable=False),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('teams', sa.JSON(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('fault', sa.String(), nullable=False),
        sa.Column('by', sa.String(), nullable=False),
        sa.Column('at', storage.types.Instant(), nullable=False),
        sa.Column('check_at', storage.types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint('channel_id'),
    )
    op.create_index('ix_connect_link_account_key', 'connect_link', ['account_key'])
    op.create_index('ix_connect_link_check_at', 'connect_link', ['check_at'])
    op.create_table(
        'connect_thread',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('channel_id', sa.String(), nullable=False),
        sa.Column('ts', sa.String(), nullable=False),
        sa.Column('since', sa.String(), nullable=False),
        sa.Column('account_key', sa.String(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=True),
        sa.Column('answered', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('channel_id', 'ts'),
    )
    op.create_index('ix_connect_thread_case_number', 'connect_thread', ['case_number'])
    op.create_table(
        'connect_message',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('channel_id', sa.String(), nullable=False),
        sa.Column('thread_ts', sa.String(), nullable=False),
        sa.Column('ts', sa.String(), nullable=True),
        sa.Column('direction', sa.String(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=True),
        sa.Column('user', sa.String(), nullable=False),
        sa.Column('edited', sa.String(), nullable=False),
        sa.Column('sent_message', sa.Integer(), nullable=True),
        sa.Column('outbox_id', sa.Integer(), nullable=True),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('at', storage.types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.ForeignKeyConstraint(['sent_message'], ['sent_message.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('channel_id', 'ts'),
    )
    op.create_index('ix_connect_message_case_number', 'connect_message', ['case_number'])
    op.create_index('ix_connect_message_outbox_id', 'connect_message', ['outbox_id'])


def downgrade() -> None:
    op.drop_table('connect_message')
    op.drop_table('connect_thread')
    op.drop_table('connect_link')
