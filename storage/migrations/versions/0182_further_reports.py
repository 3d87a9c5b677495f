"""Further reports of a case, counted on it

Revision: 0182, after 0180
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0182'
down_revision = '0180'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('escalation', sa.Column('reports', sa.Integer(), server_default='1', nullable=False))
    op.add_column('escalation', sa.Column('last_report_at', storage.types.Instant(), nullable=True))
    op.create_table(
        'case_report',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('reporter', sa.String(), nullable=False),
        sa.Column('stake', sa.Text(), nullable=False),
        sa.Column('source_link', sa.Text(), nullable=False),
        sa.Column('ticket_url', sa.Text(), nullable=False),
        sa.Column('at', storage.types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_case_report_case_number', 'case_report', ['case_number'])


def downgrade() -> None:
    op.drop_table('case_report')
    op.drop_column('escalation', 'last_report_at')
    op.drop_column('escalation', 'reports')
