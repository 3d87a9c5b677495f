"""What executives owe a customer, and by when decisions and calls are due

Revision: 0430, after 0426
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0430'
down_revision = '0426'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'flagging',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('trigger', sa.String(), nullable=False),
        sa.Column('flagged_at', storage.types.Instant(), nullable=False),
        sa.Column('flagged_by', sa.String(), nullable=False),
        sa.Column('asked', sa.JSON(), nullable=False),
        sa.Column('had_by', sa.String(), nullable=True),
        sa.Column('had_at', storage.types.Instant(), nullable=True),
        sa.Column('next_at', storage.types.Instant(), nullable=True),
        sa.Column('reminded', sa.Integer(), nullable=False),
        sa.Column('ended_at', storage.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('id'),
    )
    for column in ('case_number', 'had_by', 'next_at'):
        op.create_index(f'ix_flagging_{column}', 'flagging', [column])
    op.create_table(
        'executive_contact',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('executive', sa.String(), nullable=False),
        sa.Column('way', sa.String(), nullable=False),
        sa.Column('contact', sa.String(), nullable=False),
        sa.Column('at', storage.types.Instant(), nullable=False),
        sa.Column('said', sa.Text(), nullable=False),
        sa.Column('owed', sa.String(), nullable=False),
        sa.Column('action', sa.Integer(), nullable=True),
        sa.Column('next_on', sa.Date(), nullable=True),
        sa.Column('remind_at', storage.types.Instant(), nullable=True),
        sa.Column('logged_by', sa.String(), nullable=False),
        sa.Column('logged_at', storage.types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.ForeignKeyConstraint(['action'], ['action_item.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    for column in ('case_number', 'executive', 'remind_at'):
        op.create_index(f'ix_executive_contact_{column}', 'executive_contact', [column])
    op.add_column('ask', sa.Column('answer_by', storage.types.Instant(), nullable=True))
    op.add_column('ask', sa.Column('deputy', sa.String(), nullable=True))
    op.add_column('ask', sa.Column('next_at', storage.types.Instant(), nullable=True))
    op.add_column('ask', sa.Column('reminded', sa.Integer(), nullable=False, server_default='0'))
    op.create_index('ix_ask_deputy', 'ask', ['deputy'])
    op.create_index('ix_ask_next_at', 'ask', ['next_at'])
    op.add_column('breach_talk', sa.Column('call_by', storage.types.Instant(), nullable=True))
    op.add_column('breach_talk', sa.Column('next_at', storage.types.Instant(), nullable=True))
    op.add_column(
        'breach_talk', sa.Column('reminded', sa.Integer(), nullable=False, server_default='0')
    )
    op.create_index('ix_breach_talk_next_at', 'breach_talk', ['next_at'])


def downgrade() -> None:
    op.drop_index('ix_breach_talk_next_at', 'breach_talk')
    for column in ('reminded', 'next_at', 'call_by'):
        op.drop_column('breach_talk', column)
    op.drop_index('ix_ask_next_at', 'ask')
    op.drop_index('ix_ask_deputy', 'ask')
    for column in ('reminded', 'next_at', 'deputy', 'answer_by'):
        op.drop_column('ask', column)
    op.drop_table('executive_contact')
    op.drop_table('flagging')
