"""What Legal was told of, what was filed, and since when nothing is deleted

Revision: 0440, after 0435
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0440'
down_revision = '0435'
branch_labels = None
depends_on = None

CASE = sa.table(
    'escalation', sa.column('legal', sa.Boolean), sa.column('legal_told', sa.Boolean),
    sa.column('legal_hold_at', storage.types.Instant), sa.column('changed_at', storage.types.Instant),
)


def upgrade() -> None:
    for name in ('legal_told', 'legal_filed'):
        column = sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        op.add_column('escalation', column)
    op.add_column('escalation', sa.Column('legal_hold_at', storage.types.Instant(), nullable=True))
    # Legal was told of every threat, and what is left of a legal case stays.
    held = {'legal_told': sa.true(), 'legal_hold_at': CASE.c.changed_at}
    op.execute(CASE.update().where(CASE.c.legal.is_(sa.true())).values(held))


def downgrade() -> None:
    for name in ('legal_hold_at', 'legal_filed', 'legal_told'):
        op.drop_column('escalation', name)
