"""The language that a person chose to read

Revision: 0162, after 0160
"""

import sqlalchemy as sa
from alembic import op
revision = '0162'
down_revision = '0160'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('person', sa.Column('language', sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_column('language')
