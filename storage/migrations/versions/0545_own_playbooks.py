"""The organisation's own playbooks

Revision: 0545, after 0544
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0545'
down_revision = '0544'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'own_playbook',
        sa.Column('key', sa.String(), nullable=False),
        sa.Column('content', sa.JSON(), nullable=False),
        sa.Column('fault', sa.Text(), nullable=False),
        sa.Column('read_at', storage.types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint('key'),
    )
    op.add_column('applied_playbook', sa.Column('content', sa.JSON(), nullable=False, server_default='{}'))


def downgrade() -> None:
    op.drop_column('applied_playbook', 'content')
    op.drop_table('own_playbook')
