"""The executive sponsorship programme: texts, signatures, memberships, touches

Revision: 0410, after 0390
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0410'
down_revision = '0390'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('account', sa.Column('programme_sponsor', sa.String(), nullable=True))
    op.create_table(
        'sponsorship_text',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('topic', sa.String(), nullable=False),
        sa.Column('body', sa.Text(), nullable=False),
        sa.Column('months', sa.Integer(), nullable=True),
        sa.Column('author', sa.String(), nullable=False),
        sa.Column('at', storage.types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_sponsorship_text_topic', 'sponsorship_text', ['topic'])
    op.create_table(
        'sponsorship_signature',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(), nullable=False),
        sa.Column('signed_by', sa.String(), nullable=False),
        sa.Column('signed_at', storage.types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_table(
        'sponsorship',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('account_key', sa.String(), nullable=False),
        sa.Column('live_key', sa.String(), nullable=True),
        sa.Column('customer', sa.String(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('sponsor', sa.String(), nullable=True),
        sa.Column('deputy', sa.String(), nullable=True),
        sa.Column('offered_to', sa.String(), nullable=True),
        sa.Column('offered_at', storage.types.Instant(), nullable=True),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('score', sa.Integer(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=True),
        sa.Column('nominated_by', sa.String(), nullable=False),
        sa.Column('nominated_at', storage.types.Instant(), nullable=False),
        sa.Column('consent_by', sa.String(), nullable=False),
        sa.Column('consent_on', sa.Date(), nullable=True),
        sa.Column('began_at', storage.types.Instant(), nullable=True),
        sa.Column('review_on', sa.Date(), nullable=True),
        sa.Column('ends_on', sa.Date(), nullable=True),
        sa.Column('read_at', storage.types.Instant(), nullable=True),
        sa.Column('exit_ground', sa.String(), nullable=False),
        sa.Column('exit_asked_at', storage.types.Instant(), nullable=True),
        sa.Column('exit_reason', sa.String(), nullable=False),
        sa.Column('ended_by', sa.String(), nullable=True),
        sa.Column('ended_at', storage.types.Instant(), nullable=True),
        sa.Column('ended_why', sa.Text(), nullable=False),
        sa.Column('next_at', storage.types.Instant(), nullable=True),
        sa.Column('reminded', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('live_key'),
    )
    for column in ('account_key', 'sponsor', 'offered_to', 'next_at'):
        op.create_index(f'ix_sponsorship_{column}', 'sponsorship', [column])
    op.create_table(
        'sponsor_touch',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('sponsorship', sa.Integer(), nullable=False),
        sa.Column('account_key', sa.String(), nullable=False),
        sa.Column('sponsor', sa.String(), nullable=False),
        sa.Column('due_at', storage.types.Instant(), nullable=True),
        sa.Column('done_at', storage.types.Instant(), nullable=True),
        sa.Column('done_by', sa.String(), nullable=True),
        sa.Column('how', sa.String(), nullable=False),
        sa.Column('note', sa.Text(), nullable=False),
        sa.Column('missed_at', storage.types.Instant(), nullable=True),
        sa.Column('next_at', storage.types.Instant(), nullable=True),
        sa.Column('reminded', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['sponsorship'], ['sponsorship.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    for column in ('sponsorship', 'account_key', 'next_at'):
        op.create_index(f'ix_sponsor_touch_{column}', 'sponsor_touch', [column])


def downgrade() -> None:
    op.drop_table('sponsor_touch')
    op.drop_table('sponsorship')
    op.drop_table('sponsorship_signature')
    op.drop_table('sponsorship_text')
    op.drop_column('account', 'programme_sponsor')
