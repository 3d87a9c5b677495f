"""Who carries a request out, and how many did not live to its end

Revision: 0085, after 0080
"""

import sqlalchemy as sa
from alembic import op
revision = '0085'
down_revision = '0080'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The defaults let a replica of the version before go on writing.
    op.add_column('inbox', sa.Column('holder', sa.String(), nullable=False, server_default=''))
    op.add_column('inbox', sa.Column('crashes', sa.Integer(), nullable=False, server_default='0'))


def downgrade() -> None:
    with op.batch_alter_table('inbox', schema=None) as batch_op:
        batch_op.drop_column('crashes')
        batch_op.drop_column('holder')
