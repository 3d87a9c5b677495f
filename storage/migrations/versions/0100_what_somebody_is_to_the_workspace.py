"""What somebody is to the workspace, and whom a case could not reach

Revision: 0100, after 0070
"""

import sqlalchemy as sa
from alembic import op

revision = '0100'
down_revision = '0070'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('standing', sa.String(), nullable=True))
    with op.batch_alter_table('escalation', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('unreached', sa.JSON(), server_default=sa.text("'{}'"), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table('escalation', schema=None) as batch_op:
        batch_op.drop_column('unreached')
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_column('standing')
