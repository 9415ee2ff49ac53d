"""PostgreSQL takes no samples of what is deleted one day"""

from alembic import op
from sqlalchemy import text

revision = '0011_no_samples'
down_revision = '0010_notices'
branch_labels = None
depends_on = None

COLUMNS = {
    'answer_set': ['id', 'segment_code', 'instrument_version_id', 'body', 'codes', 'receipt_hash'],
    'comment_review': ['text_id', 'item', 'body'],
    'cube': ['axes', 'arrays'],
    'draft': ['participation_id', 'rev', 'sealed'],
    'envelope': ['participation_id', 'rev', 'submission_id', 'sealed'],
    'free_text': ['id', 'segment_code', 'item', 'body'],
    'keying': ['sheet_id', 'sealed'],
    'late_answer': ['answer_set_id'],
    'opening': ['batch_no', 'opened_on', 'n', 'manifest_sha256'],
    'outbox_mail': ['key', 'content'],
    'participation': ['credential_hash', 'token_sealed'],
    'register_count': ['position', 'groups', 'n_invited', 'n_answered'],
    'released_comment': ['id', 'comment_release_id', 'unit', 'body'],
    'sample_member': ['name', 'email', 'phone', 'register'],
    'segment_count': ['segment_code', 'n_invited', 'n_answered'],
    'theme_mark': ['text_id', 'theme_id', 'applies'],
    'wave_key': ['kid', 'public_key', 'destroyed_on'],
}
TYPE = text(
    'SELECT format_type(atttypid, atttypmod) FROM pg_attribute'
    ' WHERE attrelid = CAST(:table AS regclass) AND attname = :column'
)


def upgrade() -> None:
    if op.get_bind().dialect.name != 'postgresql':
        return
    for table, columns in COLUMNS.items():
        for column in columns:
            kind = op.get_bind().scalar(TYPE, {'table': table, 'column': column})
            # the same type once more: the table stays as it is, and the samples taken so far go
            op.execute(f'ALTER TABLE {table} ALTER {column} TYPE {kind}, ALTER {column} SET STATISTICS 0')


def downgrade() -> None:
    if op.get_bind().dialect.name != 'postgresql':
        return
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f'ALTER TABLE {table} ALTER {column} SET STATISTICS -1')
