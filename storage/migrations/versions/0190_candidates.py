"""What arrives about customers: signals, and the candidates that they make

Revision: 0190, after 0184
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0190'
down_revision = '0184'
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        'candidate',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('account_key', sa.String(), nullable=True),
        sa.Column('customer', sa.String(), nullable=False),
        sa.Column('folded', sa.String(), nullable=False),
        sa.Column('contact_name', sa.String(), nullable=False),
        sa.Column('contact_email', sa.String(), nullable=False),
        sa.Column('contact_phone', sa.String(), nullable=False),
        sa.Column('language', sa.String(), nullable=False),
        sa.Column('stake', sa.Text(), nullable=False),
        sa.Column('severity', sa.Integer(), nullable=False),
        sa.Column('trigger', sa.String(), nullable=False),
        sa.Column('reasons', sa.JSON(), nullable=False),
        sa.Column('sensitive', sa.Boolean(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('owner', sa.String(), nullable=True),
        sa.Column('signals', sa.Integer(), nullable=False),
        sa.Column('happened_at', storage.types.Instant(), nullable=False),
        sa.Column('received_at', storage.types.Instant(), nullable=False),
        sa.Column('decided_by', sa.String(), nullable=True),
        sa.Column('decided_at', storage.types.Instant(), nullable=True),
        sa.Column('why', sa.Text(), nullable=False),
        sa.Column('told', sa.Text(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=True),
        sa.Column('asks', sa.Integer(), nullable=False),
        sa.Column('ask_at', storage.types.Instant(), nullable=True),
        sa.Column('channel', sa.String(), nullable=False),
        sa.Column('ts', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_candidate_case_number', 'candidate', ['case_number'])
    op.create_index('ix_candidate_ask_at', 'candidate', ['ask_at'])
    for name, columns in (
        ('waiting', ['received_at', 'id']), ('account', ['account_key']), ('customer', ['folded']),
    ):
        op.create_index(
            f'ix_candidate_{name}', 'candidate', columns,
            sqlite_where=WAITING, postgresql_where=WAITING,
        )
    op.create_table(
        'signal',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('source', sa.String(), nullable=False),
        sa.Column('key', sa.String(), nullable=False),
        sa.Column('thread', sa.String(), nullable=False),
        sa.Column('account_key', sa.String(), nullable=True),
        sa.Column('customer', sa.String(), nullable=False),
        sa.Column('folded', sa.String(), nullable=False),
        sa.Column('contact_name', sa.String(), nullable=False),
        sa.Column('contact_email', sa.String(), nullable=False),
        sa.Column('contact_phone', sa.String(), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('link', sa.Text(), nullable=False),
        sa.Column('rating', sa.String(), nullable=False),
        sa.Column('details', sa.JSON(), nullable=False),
        sa.Column('reported_by', sa.String(), nullable=True),
        sa.Column('happened_at', storage.types.Instant(), nullable=False),
        sa.Column('received_at', storage.types.Instant(), nullable=False),
        sa.Column('candidate', sa.Integer(), nullable=True),
        sa.Column('case_number', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['candidate'], ['candidate.id']),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('source', 'key'),
    )
    op.create_index('ix_signal_candidate', 'signal', ['candidate'])
    op.create_index('ix_signal_case_number', 'signal', ['case_number'])
    op.create_index('ix_signal_thread', 'signal', ['source', 'thread'])
    op.create_index('ix_signal_account', 'signal', ['account_key', 'received_at'])
    op.create_index('ix_signal_customer', 'signal', ['folded', 'received_at'])


def downgrade() -> None:
    op.drop_table('signal')
    op.drop_table('candidate')
