"""Lists of cases are read from an index, however many closed cases there are

Revision: 0010, after 0003
"""

import sqlalchemy as sa
from alembic import op
revision = '0010'
down_revision = '0003'
branch_labels = None
depends_on = None

OPEN = sa.text("status NOT IN ('closed', 'dismissed', 'merged')")
LATE = sa.text("state = 'breached' AND stopped_at IS NULL AND name <> 'check_in'")


def upgrade() -> None:
    op.create_index('ix_escalation_open', 'escalation', ['severity', 'number'],
                    sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index('ix_escalation_secret', 'escalation', ['sensitive', 'number'],
                    sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index('ix_escalation_customer', 'escalation', ['customer'])
    op.create_index('ix_escalation_reporter', 'escalation', ['reporter'])
    op.create_index('ix_escalation_resolved_at', 'escalation', ['resolved_at'])
    op.create_index('ix_clock_late', 'clock', ['case_number'],
                    sqlite_where=LATE, postgresql_where=LATE)
    op.create_index('ix_clock_breached_at', 'clock', ['breached_at'])


def downgrade() -> None:
    for name in ('ix_clock_breached_at', 'ix_clock_late'):
        op.drop_index(name, 'clock')
    for name in ('resolved_at', 'reporter', 'customer', 'secret', 'open'):
        op.drop_index(f'ix_escalation_{name}', 'escalation')
