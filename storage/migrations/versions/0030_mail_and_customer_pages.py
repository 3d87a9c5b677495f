"""Mail, and pages that customers open

Revision: 0030, after 0020
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0030'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('secret',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('asking',
    sa.Column('case_number', sa.Integer(), nullable=False),
    sa.Column('pulse_at', storage.types.Instant(), nullable=True),
    sa.Column('survey_at', storage.types.Instant(), nullable=True),
    sa.Column('pulsed_at', storage.types.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['case_number'], ['escalation.number'], ),
    sa.PrimaryKeyConstraint('case_number')
    )
    with op.batch_alter_table('asking', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_asking_pulse_at'), ['pulse_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_asking_survey_at'), ['survey_at'], unique=False)

    op.create_table('breach_talk',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_number', sa.Integer(), nullable=False),
    sa.Column('clocks', sa.JSON(), nullable=False),
    sa.Column('caller', sa.String(), nullable=False),
    sa.Column('opened_at', storage.types.Instant(), nullable=False),
    sa.Column('talked_at', storage.types.Instant(), nullable=True),
    sa.Column('talked_by', sa.String(), nullable=False),
    sa.Column('way', sa.String(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('offered', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['case_number'], ['escalation.number'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('breach_talk', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_breach_talk_case_number'), ['case_number'], unique=False)

    op.create_table('customer_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('made_at', storage.types.Instant(), nullable=False),
    sa.Column('expires_at', storage.types.Instant(), nullable=False),
    sa.Column('revoked_at', storage.types.Instant(), nullable=True),
    sa.Column('allowed', sa.Boolean(), nullable=False),
    sa.Column('remind_at', storage.types.Instant(), nullable=True),
    sa.Column('score', sa.Integer(), nullable=True),
    sa.Column('effort', sa.Integer(), nullable=True),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('answered_at', storage.types.Instant(), nullable=True),
    sa.Column('changes', sa.Integer(), nullable=False),
    sa.Column('action', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['action'], ['action_item.id'], ),
    sa.ForeignKeyConstraint(['case_number'], ['escalation.number'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('customer_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_customer_link_case_number'), ['case_number'], unique=False)
        batch_op.create_index(batch_op.f('ix_customer_link_remind_at'), ['remind_at'], unique=False)

    op.create_table('mail',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_number', sa.Integer(), nullable=True),
    sa.Column('direction', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('parents', sa.Text(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('sender', sa.String(), nullable=False),
    sa.Column('recipient', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('sent_message', sa.Integer(), nullable=True),
    sa.Column('outbox_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('handed_at', storage.types.Instant(), nullable=True),
    sa.Column('at', storage.types.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['case_number'], ['escalation.number'], ),
    sa.ForeignKeyConstraint(['sent_message'], ['sent_message.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('message_id')
    )
    with op.batch_alter_table('mail', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mail_case_number'), ['case_number'], unique=False)
        batch_op.create_index(batch_op.f('ix_mail_outbox_id'), ['outbox_id'], unique=False)

    # The defaults let a replica of the version before go on writing.
    op.add_column('sent_message', sa.Column('link', sa.Text(), nullable=False, server_default=''))
    op.add_column(
        'sent_message', sa.Column('state', sa.String(), nullable=False, server_default='sent')
    )
    op.add_column('sent_message', sa.Column('reason', sa.Text(), nullable=False, server_default=''))
    op.add_column(
        'sent_message', sa.Column('evidence', sa.JSON(), nullable=False, server_default='{}')
    )


def downgrade() -> None:
    with op.batch_alter_table('sent_message', schema=None) as batch_op:
        batch_op.drop_column('evidence')
        batch_op.drop_column('reason')
        batch_op.drop_column('state')
        batch_op.drop_column('link')

    with op.batch_alter_table('mail', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_mail_outbox_id'))
        batch_op.drop_index(batch_op.f('ix_mail_case_number'))

    op.drop_table('mail')
    with op.batch_alter_table('customer_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_customer_link_remind_at'))
        batch_op.drop_index(batch_op.f('ix_customer_link_case_number'))

    op.drop_table('customer_link')
    with op.batch_alter_table('breach_talk', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_breach_talk_case_number'))

    op.drop_table('breach_talk')
    with op.batch_alter_table('asking', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_asking_survey_at'))
        batch_op.drop_index(batch_op.f('ix_asking_pulse_at'))

    op.drop_table('asking')
    op.drop_table('secret')
