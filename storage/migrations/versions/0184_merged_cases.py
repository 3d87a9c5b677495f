"""Cases that go on in another

Revision: 0184, after 0182
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0184'
down_revision = '0182'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('escalation', sa.Column('merged_into', sa.Integer(), nullable=True))
    op.create_index('ix_escalation_merged_into', 'escalation', ['merged_into'])
    op.create_table(
        'case_merge',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('child', sa.Integer(), nullable=False),
        sa.Column('parent', sa.Integer(), nullable=False),
        sa.Column('by', sa.String(), nullable=False),
        sa.Column('at', storage.types.Instant(), nullable=False),
        sa.Column('kept', sa.JSON(), nullable=False),
        sa.Column('undone_at', storage.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['child'], ['escalation.number']),
        sa.ForeignKeyConstraint(['parent'], ['escalation.number']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_case_merge_child', 'case_merge', ['child'])
    op.create_index('ix_case_merge_parent', 'case_merge', ['parent'])


def downgrade() -> None:
    op.drop_table('case_merge')
    op.drop_index('ix_escalation_merged_into', 'escalation')
    op.drop_column('escalation', 'merged_into')
