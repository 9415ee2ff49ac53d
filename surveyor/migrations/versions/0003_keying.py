"""Paper sheets keyed once"""

import sqlalchemy as sa
from alembic import op

revision = '0003_keying'
down_revision = '0002_comments'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('keying',
    sa.Column('sheet_id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('sheet_id', name=op.f('pk_keying'))
    )
    with op.batch_alter_table('keying', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_keying_wave_id'), ['wave_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('keying', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_keying_wave_id'))

    op.drop_table('keying')
