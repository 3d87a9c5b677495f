"""Who gave a role on a case, and how much one person set off within the hour

Revision: 0105, after 0100
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0105'
down_revision = '0100'
branch_labels = None
depends_on = None

# Whoever raised a case took its first roles themselves; every other role was given by somebody.
GIVEN = """
UPDATE case_role SET given_by = 'system' WHERE role <> 'reporter' AND NOT EXISTS (
    SELECT 1 FROM escalation
    WHERE escalation.number = case_role.case_number AND escalation.reporter = case_role.user_id
)
"""


def upgrade() -> None:
    op.add_column('case_role', sa.Column('given_by', sa.String(), nullable=True))
    op.execute(GIVEN)
    op.create_table('allowance',
    sa.Column('user_id', sa.String(), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('since', storage.types.Instant(), nullable=False),
    sa.Column('used', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('user_id', 'what')
    )


def downgrade() -> None:
    op.drop_table('allowance')
    with op.batch_alter_table('case_role', schema=None) as batch_op:
        batch_op.drop_column('given_by')
