"""A second contact, and who named a contact

Revision: 0194, after 0192
"""

import sqlalchemy as sa
from alembic import op
revision = '0194'
down_revision = '0192'
branch_labels = None
depends_on = None

ADDED = ('contact_by', 'second_name', 'second_email', 'second_by')


def upgrade() -> None:
    for name in ADDED:
        op.add_column('escalation', sa.Column(name, sa.String(), server_default='', nullable=False))


def downgrade() -> None:
    for name in reversed(ADDED):
        op.drop_column('escalation', name)
