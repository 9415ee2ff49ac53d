"""A wave released again, series restated on another tree, answers that came late"""

import sqlalchemy as sa
from alembic import op

revision = '0007_second_releases'
down_revision = '0006_instrument_files'
branch_labels = None
depends_on = None

CELLS = ('release_cell', 'weighted_cell', 'response_cell', 'moment_cell')
RELEASE = sa.table('release', sa.column('id'), sa.column('wave_id'), sa.column('number'))


def upgrade() -> None:
    with op.batch_alter_table('release', schema=None) as batch_op:
        batch_op.add_column(sa.Column('number', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('restated_for', sa.Uuid(), nullable=True))
    op.execute('UPDATE release SET number = 1')
    with op.batch_alter_table('release', schema=None) as batch_op:
        batch_op.alter_column('number', existing_type=sa.Integer(), nullable=False)
        batch_op.drop_constraint(batch_op.f('uq_release_wave_id'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_release_wave_id_number'), ['wave_id', 'number'])
        batch_op.create_foreign_key(batch_op.f('fk_release_restated_for_wave'), 'wave', ['restated_for'], ['id'])
    op.create_table('late_answer',
    sa.Column('answer_set_id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.PrimaryKeyConstraint('answer_set_id', name=op.f('pk_late_answer'))
    )
    with op.batch_alter_table('late_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_late_answer_wave_id'), ['wave_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('late_answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_late_answer_wave_id'))
    op.drop_table('late_answer')
    later, first = RELEASE.alias('later'), RELEASE.alias('first')
    goes = sa.select(later.c.id).where(first.c.wave_id == later.c.wave_id, first.c.number < later.c.number)
    for name in CELLS:
        cells = sa.table(name, sa.column('release_id'))
        op.execute(cells.delete().where(cells.c.release_id.in_(goes)))
    op.execute(RELEASE.delete().where(RELEASE.c.id.in_(goes)))
    with op.batch_alter_table('release', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_release_restated_for_wave'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_release_wave_id_number'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_release_wave_id'), ['wave_id'])
        batch_op.drop_column('restated_for')
        batch_op.drop_column('number')
