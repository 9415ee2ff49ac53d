"""Thanks to those who answer"""

import sqlalchemy as sa
from alembic import op

revision = '0008_thanks'
down_revision = '0007_second_releases'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('wave_thanks',
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['wave_id'], ['wave.id'], name=op.f('fk_wave_thanks_wave_id_wave'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('wave_id', name=op.f('pk_wave_thanks'))
    )


def downgrade() -> None:
    op.drop_table('wave_thanks')
