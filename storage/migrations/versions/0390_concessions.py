"""What customers are granted, and who approved it

Revision: 0390, after 0385
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0390'
down_revision = '0385'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'concession',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('account_key', sa.String(), nullable=False),
        sa.Column('customer', sa.String(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('amount', sa.String(), nullable=False),
        sa.Column('currency', sa.String(), nullable=False),
        sa.Column('worth', sa.String(), nullable=False),
        sa.Column('reason', sa.String(), nullable=False),
        sa.Column('why', sa.Text(), nullable=False),
        sa.Column('author', sa.String(), nullable=False),
        sa.Column('asked_at', storage.types.Instant(), nullable=False),
        sa.Column('alone', sa.Boolean(), nullable=False),
        sa.Column('legal', sa.Boolean(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('expires_at', storage.types.Instant(), nullable=False),
        sa.Column('approved_at', storage.types.Instant(), nullable=True),
        sa.Column('promised_at', storage.types.Instant(), nullable=True),
        sa.Column('promised_by', sa.String(), nullable=True),
        sa.Column('promised_how', sa.Text(), nullable=False),
        sa.Column('message', sa.Integer(), nullable=True),
        sa.Column('talk', sa.Integer(), nullable=True),
        sa.Column('fulfil_by', storage.types.Instant(), nullable=True),
        sa.Column('fulfilled_at', storage.types.Instant(), nullable=True),
        sa.Column('fulfilled_by', sa.String(), nullable=True),
        sa.Column('evidence', sa.Text(), nullable=False),
        sa.Column('ended_by', sa.String(), nullable=True),
        sa.Column('ended_why', sa.Text(), nullable=False),
        sa.Column('ended_at', storage.types.Instant(), nullable=True),
        sa.Column('next_at', storage.types.Instant(), nullable=True),
        sa.Column('reminded', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.ForeignKeyConstraint(['message'], ['sent_message.id']),
        sa.ForeignKeyConstraint(['talk'], ['breach_talk.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    for column in ('case_number', 'account_key', 'customer', 'message', 'next_at'):
        op.create_index(f'ix_concession_{column}', 'concession', [column])
    op.create_table(
        'concession_approval',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('concession', sa.Integer(), nullable=False),
        sa.Column('seat', sa.String(), nullable=False),
        sa.Column('author', sa.String(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('approver', sa.String(), nullable=True),
        sa.Column('remark', sa.Text(), nullable=False),
        sa.Column('answered_at', storage.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.ForeignKeyConstraint(['concession'], ['concession.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index(
        'ix_concession_approval_case_number', 'concession_approval', ['case_number']
    )
    op.create_index(
        'ix_concession_approval_concession', 'concession_approval', ['concession']
    )


def downgrade() -> None:
    op.drop_table('concession_approval')
    op.drop_table('concession')
