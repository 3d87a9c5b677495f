"""Public reviews, and how they were changed

Revision: 0320, after 0310
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0320'
down_revision = '0310'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'review',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('source', sa.String(), nullable=False),
        sa.Column('key', sa.String(), nullable=False),
        sa.Column('site', sa.String(), nullable=False),
        sa.Column('location', sa.String(), nullable=False),
        sa.Column('author', sa.String(), nullable=False),
        sa.Column('customer', sa.String(), nullable=False),
        sa.Column('rating', sa.String(), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('link', sa.Text(), nullable=False),
        sa.Column('address', sa.String(), nullable=False),
        sa.Column('bad', sa.Boolean(), nullable=False),
        sa.Column('owed', sa.Boolean(), nullable=False),
        sa.Column('written_at', storage.types.Instant(), nullable=False),
        sa.Column('received_at', storage.types.Instant(), nullable=False),
        sa.Column('due_at', storage.types.Instant(), nullable=False),
        sa.Column('as_of', storage.types.Instant(), nullable=True),
        sa.Column('owner', sa.String(), nullable=False),
        sa.Column('taken_at', storage.types.Instant(), nullable=True),
        sa.Column('replied_at', storage.types.Instant(), nullable=True),
        sa.Column('replied_by', sa.String(), nullable=False),
        sa.Column('reply', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('source', 'key', name='uq_review_key'),
    )
    op.create_index('ix_review_address', 'review', ['address'])
    op.create_index('ix_review_owed', 'review', ['owed'])
    op.create_table(
        'review_edit',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('review', sa.Integer(), nullable=False),
        sa.Column('at', storage.types.Instant(), nullable=False),
        sa.Column('rating_before', sa.String(), nullable=False),
        sa.Column('rating_after', sa.String(), nullable=False),
        sa.Column('text_before', sa.Text(), nullable=False),
        sa.Column('text_after', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['review'], ['review.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_review_edit_review', 'review_edit', ['review'])


def downgrade() -> None:
    op.drop_table('review_edit')
    op.drop_table('review')
