"""Quarterly briefs of sponsored accounts

Revision: 0490, after 0472
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0490'
down_revision = '0472'
branch_labels = None
depends_on = None

# A quarter of a membership ends when its touch is due, so that is when its brief is made.
PRESENT = """
    UPDATE sponsorship SET brief_at = (
        SELECT max(due_at) FROM sponsor_touch WHERE sponsor_touch.sponsorship = sponsorship.id
    ) WHERE state = 'active'
"""


def upgrade() -> None:
    op.add_column('sponsorship', sa.Column('brief_at', storage.types.Instant(), nullable=True))
    op.create_index('ix_sponsorship_brief_at', 'sponsorship', ['brief_at'])
    op.execute(PRESENT)
    op.create_table(
        'sponsor_brief',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('sponsorship', sa.Integer(), nullable=False),
        sa.Column('reader', sa.String(), nullable=False),
        sa.Column('quarter', sa.Integer(), nullable=False),
        sa.Column('made_at', storage.types.Instant(), nullable=False),
        sa.Column('expires_at', storage.types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(['sponsorship'], ['sponsorship.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_sponsor_brief_sponsorship', 'sponsor_brief', ['sponsorship'])


def downgrade() -> None:
    op.drop_table('sponsor_brief')
    op.drop_index('ix_sponsorship_brief_at', 'sponsorship')
    op.drop_column('sponsorship', 'brief_at')
