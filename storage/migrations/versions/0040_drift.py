"""What Slack shows instead of what the store says

Revision: 0040, after 0035
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0040'
down_revision = '0035'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The default lets a replica of the version before go on writing.
    op.add_column('escalation', sa.Column('topic', sa.String(), nullable=True))
    op.add_column(
        'escalation', sa.Column('drift', sa.JSON(), nullable=False, server_default='{}')
    )
    op.add_column('escalation', sa.Column('looked_at', storage.types.Instant(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('escalation', schema=None) as batch_op:
        batch_op.drop_column('looked_at')
        batch_op.drop_column('drift')
        batch_op.drop_column('topic')
