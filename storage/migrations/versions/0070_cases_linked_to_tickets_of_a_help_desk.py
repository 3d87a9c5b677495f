"""Cases linked to tickets of a help desk

Revision: 0070, after 0060
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0070'
down_revision = '0060'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('ticket_reply',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_number', sa.Integer(), nullable=False),
    sa.Column('helpdesk', sa.String(), nullable=False),
    sa.Column('ticket', sa.String(), nullable=False),
    sa.Column('direction', sa.String(), nullable=False),
    sa.Column('entry', sa.String(), nullable=True),
    sa.Column('mark', sa.String(), nullable=False),
    sa.Column('sent_message', sa.Integer(), nullable=True),
    sa.Column('outbox_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', storage.types.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['case_number'], ['escalation.number'], ),
    sa.ForeignKeyConstraint(['sent_message'], ['sent_message.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('helpdesk', 'entry')
    )
    with op.batch_alter_table('ticket_reply', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_reply_case_number'), ['case_number'], unique=False)
        batch_op.create_index(batch_op.f('ix_ticket_reply_outbox_id'), ['outbox_id'], unique=False)

    # The defaults let a replica of the version before go on writing.
    op.add_column('escalation', sa.Column('helpdesk', sa.String(), nullable=False, server_default=''))
    op.add_column('escalation', sa.Column('ticket', sa.String(), nullable=False, server_default=''))
    op.add_column('escalation', sa.Column('ticket_since', storage.types.Instant(), nullable=True))
    with op.batch_alter_table('escalation', schema=None) as batch_op:
        batch_op.create_index('ix_escalation_ticket', ['helpdesk', 'ticket'], unique=False, sqlite_where=sa.text("ticket <> ''"), postgresql_where=sa.text("ticket <> ''"))


def downgrade() -> None:
    with op.batch_alter_table('escalation', schema=None) as batch_op:
        batch_op.drop_index('ix_escalation_ticket', sqlite_where=sa.text("ticket <> ''"), postgresql_where=sa.text("ticket <> ''"))
        batch_op.drop_column('ticket_since')
        batch_op.drop_column('ticket')
        batch_op.drop_column('helpdesk')

    with op.batch_alter_table('ticket_reply', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ticket_reply_outbox_id'))
        batch_op.drop_index(batch_op.f('ix_ticket_reply_case_number'))

    op.drop_table('ticket_reply')
