"""Posts in a case's channel that are edited instead of followed by another

Revision: 0090, after 0085
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0090'
down_revision = '0085'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('edited_post',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_number', sa.Integer(), nullable=False),
    sa.Column('topic', sa.String(), nullable=False),
    sa.Column('first', sa.Integer(), nullable=False),
    sa.Column('ts', sa.String(), nullable=True),
    sa.Column('begun_at', storage.types.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['case_number'], ['escalation.number'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('case_number', 'topic', 'first')
    )
    with op.batch_alter_table('edited_post', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_edited_post_case_number'), ['case_number'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('edited_post', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_edited_post_case_number'))

    op.drop_table('edited_post')
