"""Pictures, sounds and films that questionnaires show"""

import sqlalchemy as sa
from alembic import op

revision = '0006_instrument_files'
down_revision = '0005_moments'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('instrument_file',
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('media_type', sa.String(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_instrument_file'))
    )


def downgrade() -> None:
    op.drop_table('instrument_file')
