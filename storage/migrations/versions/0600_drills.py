"""Cases that are played, and who has done so

Revision: 0600, after 0620
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0600'
down_revision = '0620'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        'escalation', sa.Column('drill', sa.Boolean(), nullable=False, server_default='0')
    )
    op.add_column(
        'escalation', sa.Column('drill_for', sa.JSON(), nullable=False, server_default='{}')
    )
    op.create_table(
        'drill',
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('begun_by', sa.String(), nullable=False),
        sa.Column('begun_at', storage.types.Instant(), nullable=False),
        sa.Column('ends_at', storage.types.Instant(), nullable=True),
        sa.Column('ended_at', storage.types.Instant(), nullable=True),
        sa.Column('cancelled', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('case_number'),
    )
    op.create_index('ix_drill_ends_at', 'drill', ['ends_at'])
    op.create_table(
        'drill_done',
        sa.Column('user_id', sa.String(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('done_at', storage.types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('user_id', 'case_number'),
    )
    op.create_index('ix_drill_done_case_number', 'drill_done', ['case_number'])


def downgrade() -> None:
    op.drop_table('drill_done')
    op.drop_table('drill')
    op.drop_column('escalation', 'drill_for')
    op.drop_column('escalation', 'drill')
