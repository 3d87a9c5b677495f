"""Legal cases, and restricted ones out of their problems

Revision: 0120, after 0110
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0120'
down_revision = '0110'
branch_labels = None
depends_on = None

CASE = sa.table(
    'escalation', sa.column('number', sa.Integer), sa.column('trigger', sa.String),
    sa.column('stake', sa.Text), sa.column('sensitive', sa.Boolean),
    sa.column('legal', sa.Boolean), sa.column('problem', sa.Integer),
)
EVENT = sa.table(
    'timeline_event', sa.column('case_number', sa.Integer), sa.column('verb', sa.String),
    sa.column('after', sa.JSON),
)
AFFECTED = sa.table(
    'affected', sa.column('case_number', sa.Integer), sa.column('evidence', sa.Text),
    sa.column('removed_at', storage.types.Instant), sa.column('removed_by', sa.String),
)


def upgrade() -> None:
    # The default lets a replica of the version before go on writing.
    op.add_column('escalation', sa.Column('legal', sa.Boolean(), nullable=False, server_default=sa.false()))
    flagged = sa.select(EVENT.c.case_number).where(
        EVENT.c.verb == 'executive_flag',
        sa.cast(EVENT.c.after, sa.Text).like('%"trigger": "legal"%'),
    )
    threatened = sa.or_(CASE.c.trigger == 'legal', CASE.c.number.in_(flagged))
    op.execute(CASE.update().where(threatened).values(legal=sa.true()))
    _out_of_their_problems()


def _out_of_their_problems() -> None:
    """Cases restricted after they were linked, as the flag itself does it from now on."""
    hidden = CASE.c.sensitive.is_(sa.true())
    secret = sa.select(CASE.c.number).where(hidden).scalar_subquery()
    stake = sa.select(CASE.c.stake).where(CASE.c.number == AFFECTED.c.case_number).scalar_subquery()
    theirs = AFFECTED.c.case_number.in_(secret)
    by_its_word = sa.and_(theirs, AFFECTED.c.evidence == stake)
    gone = {'removed_at': sa.func.current_timestamp(), 'removed_by': 'system'}
    op.execute(AFFECTED.update().where(by_its_word, AFFECTED.c.removed_at.is_(None)).values(gone))
    by_others = sa.and_(theirs, AFFECTED.c.evidence != stake)
    op.execute(AFFECTED.update().where(by_others).values(case_number=None))
    op.execute(CASE.update().where(hidden).values(problem=None))


def downgrade() -> None:
    op.drop_column('escalation', 'legal')
