"""Customers who may meet what a case was about, and who tells them

Revision: 0610, after 0600
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0610'
down_revision = '0600'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'outreach',
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('look_at', storage.types.Instant(), nullable=True),
        sa.Column('next_at', storage.types.Instant(), nullable=True),
        sa.Column('found', sa.Integer(), nullable=False),
        sa.Column('told_at', storage.types.Instant(), nullable=True),
        sa.Column('sent_by', sa.String(), nullable=False),
        sa.Column('sent_at', storage.types.Instant(), nullable=True),
        sa.Column('texts', sa.JSON(), nullable=False),
        sa.Column('reminded', sa.Integer(), nullable=False),
        sa.Column('ended_at', storage.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('case_number'),
    )
    for column in ('look_at', 'next_at'):
        op.create_index(f'ix_outreach_{column}', 'outreach', [column])
    op.create_table(
        'outreach_account',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('account_key', sa.String(), nullable=False),
        sa.Column('component', sa.String(), nullable=False),
        sa.Column('user_id', sa.String(), nullable=False),
        sa.Column('language', sa.String(), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('why', sa.Text(), nullable=False),
        sa.Column('answered_by', sa.String(), nullable=False),
        sa.Column('answered_at', storage.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.ForeignKeyConstraint(['account_key'], ['account.key']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('case_number', 'account_key'),
    )
    for column in ('case_number', 'account_key', 'user_id', 'answered_at'):
        op.create_index(f'ix_outreach_account_{column}', 'outreach_account', [column])
    op.create_index('ix_escalation_component', 'escalation', ['component', 'received_at'])


def downgrade() -> None:
    op.drop_index('ix_escalation_component', 'escalation')
    op.drop_table('outreach_account')
    op.drop_table('outreach')
