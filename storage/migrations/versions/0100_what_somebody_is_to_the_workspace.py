"""What somebody is to the workspace, and whom a case could not reach

Revision: 0100, after 0090
"""

import sqlalchemy as sa
from alembic import op

revision = '0100'
down_revision = '0090'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Column by column: a table that others point at cannot be made anew on SQLite.
    op.add_column('person', sa.Column('standing', sa.String(), nullable=True))
    op.add_column(
        'escalation',
        sa.Column('unreached', sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
    )


def downgrade() -> None:
    with op.batch_alter_table('escalation', schema=None) as batch_op:
        batch_op.drop_column('unreached')
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_column('standing')
