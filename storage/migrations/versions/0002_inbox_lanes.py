"""What is asked of one case is carried out in the order in which it was asked

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op
revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The default lets a replica of the version before go on writing.
    op.add_column('inbox', sa.Column('lane', sa.String(), nullable=False, server_default=''))


def downgrade() -> None:
    with op.batch_alter_table('inbox', schema=None) as batch_op:
        batch_op.drop_column('lane')
