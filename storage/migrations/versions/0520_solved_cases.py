"""Words of solved cases, and what open ones were told of them

Revision: 0520, after 0501
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0520'
down_revision = '0501'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('escalation', sa.Column('learn_at', storage.types.Instant(), nullable=True))
    op.create_index('ix_escalation_learn_at', 'escalation', ['learn_at'])
    op.add_column('escalation', sa.Column('similar_at', storage.types.Instant(), nullable=True))
    op.create_index('ix_escalation_similar_at', 'escalation', ['similar_at'])
    op.create_table(
        'solved_word',
        sa.Column('word', sa.String(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('word', 'case_number'),
    )
    op.create_index('ix_solved_word_case_number', 'solved_word', ['case_number'])
    op.create_table(
        'worked_then',
        sa.Column('case_number', sa.Integer(), nullable=False),
        sa.Column('told', sa.JSON(), nullable=False),
        sa.Column('tried', sa.Integer(), nullable=True),
        sa.Column('tried_by', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('case_number'),
    )
    # What was solved before is read by the sweep, a batch at a time.
    op.execute('UPDATE escalation SET learn_at = resolved_at WHERE resolved_at IS NOT NULL')


def downgrade() -> None:
    op.drop_table('worked_then')
    op.drop_table('solved_word')
    op.drop_index('ix_escalation_similar_at', 'escalation')
    op.drop_column('escalation', 'similar_at')
    op.drop_index('ix_escalation_learn_at', 'escalation')
    op.drop_column('escalation', 'learn_at')
