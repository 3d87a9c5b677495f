"""What customers ask for by mail and by the form, and by which domains they are known

Revision: 0340, after 0330
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0340'
down_revision = '0330'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('account', sa.Column('domains', sa.String(), nullable=False, server_default=''))
    op.create_table(
        'strangers_post',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('first', sa.Integer(), nullable=False),
        sa.Column('channel', sa.String(), nullable=False),
        sa.Column('ts', sa.String(), nullable=False),
        sa.Column('begun_at', storage.types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('first'),
    )
    op.create_table(
        'form_link',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('account_key', sa.String(), nullable=False),
        sa.Column('made_by', sa.String(), nullable=False),
        sa.Column('made_at', storage.types.Instant(), nullable=False),
        sa.Column('expires_at', storage.types.Instant(), nullable=False),
        sa.Column('revoked_at', storage.types.Instant(), nullable=True),
        sa.Column('revoked_by', sa.String(), nullable=True),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_form_link_account_key', 'form_link', ['account_key'])
    op.create_table(
        'form_request',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(), nullable=False),
        sa.Column('link', sa.Integer(), nullable=True),
        sa.Column('account_key', sa.String(), nullable=False),
        sa.Column('language', sa.String(), nullable=False),
        sa.Column('company', sa.String(), nullable=False),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('email', sa.String(), nullable=False),
        sa.Column('phone', sa.String(), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('impact', sa.String(), nullable=False),
        sa.Column('made_at', storage.types.Instant(), nullable=False),
        sa.Column('expires_at', storage.types.Instant(), nullable=True),
        sa.Column('confirmed_at', storage.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['link'], ['form_link.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('key'),
    )
    op.create_index('ix_form_request_expires_at', 'form_request', ['expires_at'])


def downgrade() -> None:
    op.drop_table('form_request')
    op.drop_table('form_link')
    op.drop_table('strangers_post')
    op.drop_column('account', 'domains')
