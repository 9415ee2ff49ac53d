"""An index that answers are counted from"""

from alembic import op

revision = '0009_counted'
down_revision = '0008_thanks'
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        op.create_index('ix_answer_set_counted', 'answer_set', ['wave_id', 'segment_code', 'codes'])


def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        op.drop_index('ix_answer_set_counted', table_name='answer_set')
