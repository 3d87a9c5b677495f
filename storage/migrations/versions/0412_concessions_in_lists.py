"""Lists of concessions find the open ones and those of an author

Revision: 0412, after 0410
"""

from alembic import op
revision = '0412'
down_revision = '0410'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_concession_state', 'concession', ['state', 'id'])
    op.create_index('ix_concession_author', 'concession', ['author'])


def downgrade() -> None:
    op.drop_index('ix_concession_author', 'concession')
    op.drop_index('ix_concession_state', 'concession')
