"""When it is looked at whether a person leads or owns a SEV1 for too long

Revision: 0721, after 0700

Roles that were given before are not looked at until they are given anew, or the case becomes a
SEV1 or is reopened.
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0721'
down_revision = '0700'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('case_role', sa.Column('look_at', storage.types.Instant(), nullable=True))
    op.add_column(
        'case_role', sa.Column('asked', sa.Integer(), nullable=False, server_default='0')
    )
    op.create_index('ix_case_role_look_at', 'case_role', ['look_at'])


def downgrade() -> None:
    op.drop_index('ix_case_role_look_at', 'case_role')
    op.drop_column('case_role', 'asked')
    op.drop_column('case_role', 'look_at')
