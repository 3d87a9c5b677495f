"""Fulfilments of concessions that were recorded by mistake

Revision: 0480, after 0470
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0480'
down_revision = '0470'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('concession', sa.Column('recorded_at', storage.types.Instant(), nullable=True))
    op.create_table(
        'undone_fulfilment',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('concession', sa.Integer(), nullable=False),
        sa.Column('fulfilled_at', storage.types.Instant(), nullable=False),
        sa.Column('fulfilled_by', sa.String(), nullable=False),
        sa.Column('evidence', sa.Text(), nullable=False),
        sa.Column('undone_at', storage.types.Instant(), nullable=False),
        sa.Column('undone_by', sa.String(), nullable=False),
        sa.Column('why', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.ForeignKeyConstraint(['concession'], ['concession.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_undone_fulfilment_case_number', 'undone_fulfilment', ['case_number'])
    op.create_index('ix_undone_fulfilment_concession', 'undone_fulfilment', ['concession'])


def downgrade() -> None:
    op.drop_table('undone_fulfilment')
    op.drop_column('concession', 'recorded_at')
