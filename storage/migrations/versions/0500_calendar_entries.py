"""What one person has in their calendar: calls and contacts that they owe

Revision: 0500, after 0491
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0500'
down_revision = '0491'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'calendar_entry',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('subject', sa.Integer(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=True),
        sa.Column('membership', sa.Integer(), nullable=True),
        sa.Column('person', sa.String(), nullable=False),
        sa.Column('owed_by', sa.String(), nullable=False),
        sa.Column('uid', sa.String(), nullable=False),
        sa.Column('sequence', sa.Integer(), nullable=False),
        sa.Column('due', storage.types.Instant(), nullable=False),
        sa.Column('begins', storage.types.Instant(), nullable=False),
        sa.Column('named', sa.Boolean(), nullable=False),
        sa.Column('cancelled', sa.Boolean(), nullable=False),
        sa.Column('changed_at', storage.types.Instant(), nullable=False),
        sa.Column('look_at', storage.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.ForeignKeyConstraint(['membership'], ['sponsorship.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('kind', 'subject', name='uq_calendar_entry_subject'),
        sa.UniqueConstraint('uid'),
    )
    op.create_index('ix_calendar_entry_case_number', 'calendar_entry', ['case_number'])
    op.create_index('ix_calendar_entry_membership', 'calendar_entry', ['membership'])
    op.create_index('ix_calendar_entry_look_at', 'calendar_entry', ['look_at'])


def downgrade() -> None:
    op.drop_table('calendar_entry')
