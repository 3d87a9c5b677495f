"""Known issues, and what is known of a customer who waits

Revision: 0192, after 0190
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0192'
down_revision = '0190'
branch_labels = None
depends_on = None

SAID = ('contact_name', 'contact_email', 'language', 'ticket_url', 'source')


def upgrade() -> None:
    op.create_table(
        'known_issue',
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('component', sa.String(), nullable=False),
        sa.Column('bug', sa.Text(), nullable=False),
        sa.Column('expected_on', sa.Date(), nullable=True),
        sa.Column('workaround', sa.Text(), nullable=False),
        sa.Column('outcome', sa.Text(), nullable=False),
        sa.Column('before', sa.JSON(), nullable=False),
        sa.Column('remind_at', storage.types.Instant(), nullable=True),
        sa.Column('ended_at', storage.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['number'], ['problem.number']),
        sa.PrimaryKeyConstraint('number'),
    )
    op.create_index('ix_known_issue_remind_at', 'known_issue', ['remind_at'])
    op.add_column('problem', sa.Column('step', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('broadcast', sa.Column('step', sa.Integer(), nullable=False, server_default='0'))
    for name in SAID:
        op.add_column('affected', sa.Column(name, sa.String(), nullable=False, server_default=''))
    op.add_column(
        'broadcast', sa.Column('promises', sa.Boolean(), nullable=False, server_default=sa.true())
    )


def downgrade() -> None:
    for name in SAID:
        op.drop_column('affected', name)
    op.drop_column('broadcast', 'promises')
    op.drop_column('broadcast', 'step')
    op.drop_column('problem', 'step')
    op.drop_table('known_issue')
