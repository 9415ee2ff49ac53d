"""Figures that rest on several answers of each person, and what is usual elsewhere"""

import sqlalchemy as sa
from alembic import op

revision = '0005_moments'
down_revision = '0004_samples'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('moment_cell',
    sa.Column('release_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('unit', sa.String(), nullable=False),
    sa.Column('measure', sa.Enum('alpha', 'alpha_without', 'item_rest', 'icc1', 'icc2', 'spearman', 'polychoric', 'explained', 'driver', 'driver_r', name='momentmeasure', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('other', sa.String(), nullable=False),
    sa.Column('state', sa.Enum('shown', 'hidden', name='cellstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('n', sa.Integer(), nullable=True),
    sa.Column('value', sa.Double(), nullable=True),
    sa.Column('low', sa.Double(), nullable=True),
    sa.Column('high', sa.Double(), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.CheckConstraint("state = 'shown' OR (n IS NULL AND value IS NULL AND low IS NULL AND high IS NULL)", name=op.f('ck_moment_cell_hidden_holds_no_number')),
    sa.ForeignKeyConstraint(['release_id'], ['release.id'], name=op.f('fk_moment_cell_release_id_release')),
    sa.PrimaryKeyConstraint('release_id', 'position', name=op.f('pk_moment_cell'))
    )
    op.create_table('norm',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('survey_id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('imported_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['survey_id'], ['survey.id'], name=op.f('fk_norm_survey_id_survey')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_norm')),
    sa.UniqueConstraint('survey_id', name=op.f('uq_norm_survey_id'))
    )
    op.create_table('norm_figure',
    sa.Column('norm_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('item', 'scale', name='normkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('n_organisations', sa.Integer(), nullable=False),
    sa.Column('value', sa.Double(), nullable=False),
    sa.Column('low', sa.Double(), nullable=False),
    sa.Column('high', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['norm_id'], ['norm.id'], name=op.f('fk_norm_figure_norm_id_norm'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('norm_id', 'kind', 'name', name=op.f('pk_norm_figure'))
    )


def downgrade() -> None:
    op.drop_table('norm_figure')
    op.drop_table('norm')
    op.drop_table('moment_cell')
