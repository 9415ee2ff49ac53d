"""Moderated and released comments, and their themes"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002_comments'
down_revision = '0001_first'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('comment_review',
    sa.Column('text_id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('item', sa.String(), nullable=False),
    sa.Column('state', sa.Enum('shown', 'withheld', name='reviewstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('text_id', name=op.f('pk_comment_review'))
    )
    with op.batch_alter_table('comment_review', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_comment_review_wave_id'), ['wave_id'], unique=False)

    op.create_table('released_comment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('comment_release_id', sa.Uuid(), nullable=False),
    sa.Column('unit', sa.String(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_released_comment'))
    )
    with op.batch_alter_table('released_comment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_released_comment_comment_release_id'), ['comment_release_id'], unique=False)

    op.create_table('theme_mark',
    sa.Column('text_id', sa.Uuid(), nullable=False),
    sa.Column('theme_id', sa.Uuid(), nullable=False),
    sa.Column('applies', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('text_id', 'theme_id', name=op.f('pk_theme_mark'))
    )
    op.create_table('comment_release',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('item', sa.String(), nullable=False),
    sa.Column('frozen_on', sa.Date(), nullable=False),
    sa.Column('method', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('manifest_sha256', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['wave_id'], ['wave.id'], name=op.f('fk_comment_release_wave_id_wave')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment_release')),
    sa.UniqueConstraint('wave_id', 'item', name=op.f('uq_comment_release_wave_id_item'))
    )
    op.create_table('theme',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('item', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('keywords', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.ForeignKeyConstraint(['wave_id'], ['wave.id'], name=op.f('fk_theme_wave_id_wave')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_theme')),
    sa.UniqueConstraint('wave_id', 'item', 'name', name=op.f('uq_theme_wave_id_item_name'))
    )
    op.create_table('released_theme',
    sa.Column('comment_release_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('unit', sa.String(), nullable=False),
    sa.Column('theme', sa.String(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=True),
    sa.Column('value', sa.Double(), nullable=True),
    sa.Column('low', sa.Double(), nullable=True),
    sa.Column('high', sa.Double(), nullable=True),
    sa.Column('state', sa.Enum('shown', 'hidden', name='cellstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.CheckConstraint("state = 'shown' OR (n IS NULL AND value IS NULL AND low IS NULL AND high IS NULL)", name=op.f('ck_released_theme_hidden_holds_no_number')),
    sa.ForeignKeyConstraint(['comment_release_id'], ['comment_release.id'], name=op.f('fk_released_theme_comment_release_id_comment_release')),
    sa.PrimaryKeyConstraint('comment_release_id', 'position', name=op.f('pk_released_theme'))
    )
    with op.batch_alter_table('released_theme', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_released_theme_unit'), ['unit'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('released_theme', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_released_theme_unit'))

    op.drop_table('released_theme')
    op.drop_table('theme')
    op.drop_table('comment_release')
    op.drop_table('theme_mark')
    with op.batch_alter_table('released_comment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_released_comment_comment_release_id'))

    op.drop_table('released_comment')
    with op.batch_alter_table('comment_review', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_comment_review_wave_id'))

    op.drop_table('comment_review')
