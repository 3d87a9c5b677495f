"""Lists that those who lead are sent from time to time

Revision: 0543, after 0542
"""

import sqlalchemy as sa
import storage.types
from alembic import op
revision = '0543'
down_revision = '0542'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'lead_list',
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('next_at', storage.types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint('name'),
    )
    op.create_index('ix_lead_list_next_at', 'lead_list', ['next_at'])


def downgrade() -> None:
    op.drop_table('lead_list')
