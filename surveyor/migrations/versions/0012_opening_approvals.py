"""Who has agreed to open a wave's answers"""

import sqlalchemy as sa
from alembic import op

revision = '0012_opening_approvals'
down_revision = '0011_no_samples'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('opening_approval',
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_opening_approval_account_id_account')),
    sa.ForeignKeyConstraint(['wave_id'], ['wave.id'], name=op.f('fk_opening_approval_wave_id_wave'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('wave_id', 'account_id', name=op.f('pk_opening_approval'))
    )


def downgrade() -> None:
    op.drop_table('opening_approval')
