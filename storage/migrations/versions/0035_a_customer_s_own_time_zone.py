"""A customer's own time zone

Revision: 0035, after 0030
"""

import sqlalchemy as sa
from alembic import op

revision = '0035'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('timezone', sa.String(), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.drop_column('timezone')

