"""What an import left out, kept with the version"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0010_notices'
down_revision = '0009_counted'
branch_labels = None
depends_on = None

WRITTEN = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')


def upgrade() -> None:
    with op.batch_alter_table('instrument_version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('notices', WRITTEN, nullable=True))
    op.execute("UPDATE instrument_version SET notices = '[]'")
    with op.batch_alter_table('instrument_version', schema=None) as batch_op:
        batch_op.alter_column('notices', existing_type=WRITTEN, nullable=False)


def downgrade() -> None:
    with op.batch_alter_table('instrument_version', schema=None) as batch_op:
        batch_op.drop_column('notices')
