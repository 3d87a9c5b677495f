"""What became of customers' business after a case, and at a renewal

Revision: 0420, after 0412
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0420'
down_revision = '0412'
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'outcome',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=True),
        sa.Column('account_key', sa.String(), nullable=False),
        sa.Column('customer', sa.String(), nullable=False),
        sa.Column('renewal', sa.Date(), nullable=True),
        sa.Column('due_at', storage.types.Instant(), nullable=False),
        sa.Column('next_at', storage.types.Instant(), nullable=True),
        sa.Column('asked_of', sa.String(), nullable=False),
        sa.Column('asked', sa.Integer(), nullable=False),
        sa.Column('result', sa.String(), nullable=False),
        sa.Column('before', WIDE, nullable=True),
        sa.Column('after', WIDE, nullable=True),
        sa.Column('currency', sa.String(), nullable=False),
        sa.Column('note', sa.Text(), nullable=False),
        sa.Column('recorded_by', sa.String(), nullable=False),
        sa.Column('recorded_at', storage.types.Instant(), nullable=True),
        sa.Column('corrections', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('case_number'),
        sa.UniqueConstraint('account_key', 'renewal', name='uq_outcome_renewal'),
    )
    for column in ('account_key', 'next_at'):
        op.create_index(f'ix_outcome_{column}', 'outcome', [column])


def downgrade() -> None:
    op.drop_table('outcome')
