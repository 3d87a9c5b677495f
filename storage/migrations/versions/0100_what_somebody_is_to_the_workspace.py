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
    # Not as a batch: that copies the table and drops the old one, to which other tables' rows point.
    op.add_column('person', sa.Column('standing', sa.String(), nullable=True))
    op.add_column('escalation', sa.Column('unreached', sa.JSON(), nullable=False, server_default='{}'))


def downgrade() -> None:
    op.drop_column('escalation', 'unreached')
    op.drop_column('person', 'standing')
