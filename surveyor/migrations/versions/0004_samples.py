"""Samples, weighted figures and who answered"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0004_samples'
down_revision = '0003_keying'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('register_count',
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('groups', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('n_invited', sa.Integer(), nullable=False),
    sa.Column('n_answered', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('wave_id', 'position', name=op.f('pk_register_count'))
    )
    op.create_table('wave_design',
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('simple', 'stratified', 'cluster', name='samplekind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('n_population', sa.Integer(), nullable=False),
    sa.Column('n_clusters', sa.Integer(), nullable=True),
    sa.Column('n_by_unit', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('margins', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.CheckConstraint('n_clusters > 0', name=op.f('ck_wave_design_clusters')),
    sa.CheckConstraint('n_population > 0', name=op.f('ck_wave_design_population')),
    sa.ForeignKeyConstraint(['wave_id'], ['wave.id'], name=op.f('fk_wave_design_wave_id_wave'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('wave_id', name=op.f('pk_wave_design'))
    )
    op.create_table('response_cell',
    sa.Column('release_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('variable', sa.String(), nullable=False),
    sa.Column('category', sa.String(), nullable=False),
    sa.Column('measure', sa.String(), nullable=False),
    sa.Column('state', sa.Enum('shown', 'hidden', name='cellstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('n', sa.Integer(), nullable=True),
    sa.Column('value', sa.Double(), nullable=True),
    sa.CheckConstraint("state = 'shown' OR (n IS NULL AND value IS NULL)", name=op.f('ck_response_cell_hidden_holds_no_number')),
    sa.ForeignKeyConstraint(['release_id'], ['release.id'], name=op.f('fk_response_cell_release_id_release')),
    sa.PrimaryKeyConstraint('release_id', 'position', name=op.f('pk_response_cell'))
    )
    op.create_table('weighted_cell',
    sa.Column('release_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('unit', sa.String(), nullable=False),
    sa.Column('kind', sa.Enum('item', 'scale', 'wave', name='cellkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('item', sa.String(), nullable=False),
    sa.Column('measure', sa.String(), nullable=False),
    sa.Column('state', sa.Enum('shown', 'hidden', name='cellstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('n', sa.Integer(), nullable=True),
    sa.Column('n_eff', sa.Double(), nullable=True),
    sa.Column('value', sa.Double(), nullable=True),
    sa.Column('se', sa.Double(), nullable=True),
    sa.Column('low', sa.Double(), nullable=True),
    sa.Column('high', sa.Double(), nullable=True),
    sa.Column('difference', sa.Double(), nullable=True),
    sa.Column('deff', sa.Double(), nullable=True),
    sa.CheckConstraint("state = 'shown' OR (n IS NULL AND n_eff IS NULL AND value IS NULL AND se IS NULL AND low IS NULL AND high IS NULL AND difference IS NULL AND deff IS NULL)", name=op.f('ck_weighted_cell_hidden_holds_no_number')),
    sa.ForeignKeyConstraint(['release_id'], ['release.id'], name=op.f('fk_weighted_cell_release_id_release')),
    sa.PrimaryKeyConstraint('release_id', 'position', name=op.f('pk_weighted_cell'))
    )
    with op.batch_alter_table('weighted_cell', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_weighted_cell_unit'), ['unit'], unique=False)

    with op.batch_alter_table('sample_member', schema=None) as batch_op:
        batch_op.add_column(sa.Column('register', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('sample_member', schema=None) as batch_op:
        batch_op.drop_column('register')

    with op.batch_alter_table('weighted_cell', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_weighted_cell_unit'))

    op.drop_table('weighted_cell')
    op.drop_table('response_cell')
    op.drop_table('wave_design')
    op.drop_table('register_count')
