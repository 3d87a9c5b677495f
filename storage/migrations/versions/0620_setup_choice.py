"""What was said of the steps of an installation

Revision: 0620, after 0551
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0620'
down_revision = '0551'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'setup_choice',
        sa.Column('step', sa.String(), nullable=False),
        sa.Column('skipped_by', sa.String(), nullable=False),
        sa.Column('skipped_at', storage.types.Instant(), nullable=True),
        sa.Column('tried_by', sa.String(), nullable=False),
        sa.Column('tried_at', storage.types.Instant(), nullable=True),
        sa.Column('trial_end', sa.String(), nullable=False),
        sa.Column('server_said', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('step'),
    )


def downgrade() -> None:
    op.drop_table('setup_choice')
