"""Who was given the card of which role, and who understood it

Revision: 0546, after 0545
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0546'
down_revision = '0545'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'role_card',
        sa.Column('key', sa.String(), nullable=False),
        sa.Column('user_id', sa.String(), nullable=False),
        sa.Column('role', sa.String(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=True),
        sa.Column('told_at', storage.types.Instant(), nullable=True),
        sa.Column('read_at', storage.types.Instant(), nullable=True),
        sa.Column('remind_at', storage.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('key'),
    )
    op.create_index('ix_role_card_user_id', 'role_card', ['user_id'])
    op.create_index('ix_role_card_case_number', 'role_card', ['case_number'])
    op.create_index('ix_role_card_remind_at', 'role_card', ['remind_at'])


def downgrade() -> None:
    op.drop_table('role_card')
