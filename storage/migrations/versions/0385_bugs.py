"""Bugs in the developers' tracker, linked to cases and known issues

Revision: 0385, after 0370
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0385'
down_revision = '0370'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'tracked_bug',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(), nullable=False),
        sa.Column('bug_id', sa.String(), nullable=False),
        sa.Column('versions', sa.String(), nullable=False),
        sa.Column('seen', sa.JSON(), nullable=False),
        sa.Column('look_at', storage.types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('key'),
    )
    op.create_index('ix_tracked_bug_bug_id', 'tracked_bug', ['bug_id'])
    op.create_index('ix_tracked_bug_look_at', 'tracked_bug', ['look_at'])
    for name in ('bug', 'bug_key'):
        op.add_column('escalation', sa.Column(name, sa.String(), server_default='', nullable=False))
    op.add_column('escalation', sa.Column('bug_seen', sa.JSON(), server_default='{}', nullable=False))
    op.create_index('ix_escalation_bug_key', 'escalation', ['bug_key'])
    op.add_column('known_issue', sa.Column('bug_key', sa.String(), server_default='', nullable=False))
    op.add_column('known_issue', sa.Column('bug_seen', sa.JSON(), server_default='{}', nullable=False))
    op.create_index('ix_known_issue_bug_key', 'known_issue', ['bug_key'])


def downgrade() -> None:
    op.drop_index('ix_known_issue_bug_key', 'known_issue')
    op.drop_column('known_issue', 'bug_seen')
    op.drop_column('known_issue', 'bug_key')
    op.drop_index('ix_escalation_bug_key', 'escalation')
    for name in ('bug_seen', 'bug_key', 'bug'):
        op.drop_column('escalation', name)
    op.drop_table('tracked_bug')
