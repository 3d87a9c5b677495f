"""Quarterly reviews and what is decided in them

Revision: 0549, after 0548
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0549'
down_revision = '0548'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'quarterly_review',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('quarter', sa.String(), nullable=False),
        sa.Column('next_at', storage.types.Instant(), nullable=True),
        sa.Column('made_at', storage.types.Instant(), nullable=True),
        sa.Column('meets_at', storage.types.Instant(), nullable=True),
        sa.Column('minutes', sa.Integer(), nullable=False),
        sa.Column('invited', sa.JSON(), nullable=False),
        sa.Column('findings', sa.JSON(), nullable=False),
        sa.Column('saved_by', sa.String(), nullable=False),
        sa.Column('saved_at', storage.types.Instant(), nullable=True),
        sa.Column('held_by', sa.String(), nullable=False),
        sa.Column('held_at', storage.types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('quarter'),
    )
    op.create_index('ix_quarterly_review_next_at', 'quarterly_review', ['next_at'])
    op.create_table(
        'quarter_decision',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('review', sa.Integer(), nullable=False),
        sa.Column('decision', sa.Text(), nullable=False),
        sa.Column('owner', sa.String(), nullable=False),
        sa.Column('due', sa.Date(), nullable=False),
        sa.Column('created_by', sa.String(), nullable=False),
        sa.Column('created_at', storage.types.Instant(), nullable=False),
        sa.Column('next_at', storage.types.Instant(), nullable=True),
        sa.Column('done_at', storage.types.Instant(), nullable=True),
        sa.Column('done_by', sa.String(), nullable=False),
        sa.Column('evidence', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['review'], ['quarterly_review.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    for column in ('review', 'owner', 'next_at'):
        op.create_index(f'ix_quarter_decision_{column}', 'quarter_decision', [column])


def downgrade() -> None:
    op.drop_table('quarter_decision')
    op.drop_table('quarterly_review')
