"""Who is away, and who stands in for them

Revision: 0310, after 0196
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0310'
down_revision = '0196'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'absence',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.String(), nullable=False),
        sa.Column('begins', storage.types.Instant(), nullable=False),
        sa.Column('ends', storage.types.Instant(), nullable=False),
        sa.Column('deputy', sa.String(), nullable=True),
        sa.Column('noted_by', sa.String(), nullable=False),
        sa.Column('note', sa.Text(), nullable=False),
        sa.Column('noted_at', storage.types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_absence_user_id', 'absence', ['user_id'])
    op.create_index('ix_absence_ends', 'absence', ['ends'])


def downgrade() -> None:
    op.drop_table('absence')
