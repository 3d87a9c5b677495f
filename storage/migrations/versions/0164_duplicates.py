"""Cases closed in favour of another, offers by whom they wait for, notices for the morning

Revision: 0164, after 0162
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0164'
down_revision = '0162'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('escalation', sa.Column('duplicate_of', sa.Integer(), nullable=True))
    op.create_index('ix_handover_offered_to', 'handover', ['offered_to'])
    op.create_table(
        'morning_notice',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.String(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('text', sa.String(), nullable=False),
        sa.Column('extra', sa.JSON(), nullable=False),
        sa.Column('at', storage.types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_morning_notice_at', 'morning_notice', ['at'])
    op.create_index('ix_morning_notice_case_number', 'morning_notice', ['case_number'])


def downgrade() -> None:
    op.drop_table('morning_notice')
    op.drop_index('ix_handover_offered_to', 'handover')
    op.drop_column('escalation', 'duplicate_of')
