"""Helpers by skill

Revision: 0547, after 0546
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0547'
down_revision = '0546'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('escalation', sa.Column('helpers', sa.JSON(), nullable=False, server_default='{}'))
    op.create_table(
        'helper',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('skill', sa.String(), nullable=False),
        sa.Column('question', sa.Text(), nullable=False),
        sa.Column('wanted', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.String(), nullable=False),
        sa.Column('asked_by', sa.String(), nullable=False),
        sa.Column('asked_at', storage.types.Instant(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('answered_at', storage.types.Instant(), nullable=True),
        sa.Column('ended_at', storage.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_helper_case_number', 'helper', ['case_number'])


def downgrade() -> None:
    op.drop_table('helper')
    op.drop_column('escalation', 'helpers')
