"""Customer messages that wait for approval, and templates that people write

Revision: 0020
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0020'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('customer_draft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('recipient', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('author', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('asked_at', storage.types.Instant(), nullable=False),
    sa.Column('approver', sa.String(), nullable=True),
    sa.Column('remark', sa.Text(), nullable=False),
    sa.Column('answered_at', storage.types.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['case_number'], ['escalation.number'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('customer_draft', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_customer_draft_case_number'), ['case_number'], unique=False)

    op.create_table('message_template',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('expires', sa.Date(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('proposed_by', sa.String(), nullable=False),
    sa.Column('proposed_at', storage.types.Instant(), nullable=False),
    sa.Column('approver', sa.String(), nullable=True),
    sa.Column('remark', sa.Text(), nullable=False),
    sa.Column('answered_at', storage.types.Instant(), nullable=True),
    sa.Column('withdrawn_by', sa.String(), nullable=True),
    sa.Column('withdrawn_why', sa.Text(), nullable=False),
    sa.Column('withdrawn_at', storage.types.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('kind', 'language', 'version')
    )


def downgrade() -> None:
    op.drop_table('message_template')
    with op.batch_alter_table('customer_draft', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_customer_draft_case_number'))

    op.drop_table('customer_draft')
