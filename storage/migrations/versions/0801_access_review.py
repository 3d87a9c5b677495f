"""Access reviews: each quarter a list of who may know what is signed

Revision: 0801, after 0800
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0801'
down_revision = '0800'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'access_review',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('quarter', sa.String(), nullable=False),
        sa.Column('next_at', storage.types.Instant(), nullable=True),
        sa.Column('asked_at', storage.types.Instant(), nullable=True),
        sa.Column('signed_by', sa.String(), nullable=False),
        sa.Column('signed_at', storage.types.Instant(), nullable=True),
        sa.Column('digest', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('quarter'),
    )
    op.create_index('ix_access_review_next_at', 'access_review', ['next_at'])


def downgrade() -> None:
    op.drop_table('access_review')
