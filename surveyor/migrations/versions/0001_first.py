"""Every table of the first release"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001_first'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('account',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('password_hash', sa.String(), nullable=True),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('email', name=op.f('uq_account_email'))
    )
    op.create_table('answer_set',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('segment_code', sa.String(), nullable=False),
    sa.Column('instrument_version_id', sa.Uuid(), nullable=False),
    sa.Column('body', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('codes', sa.LargeBinary(), nullable=False),
    sa.Column('receipt_hash', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer_set'))
    )
    with op.batch_alter_table('answer_set', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_answer_set_receipt_hash'), ['receipt_hash'], unique=False)
        batch_op.create_index(batch_op.f('ix_answer_set_wave_id'), ['wave_id'], unique=False)

    op.create_table('audit_entry',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('subject_type', sa.String(), nullable=False),
    sa.Column('subject_id', sa.String(), nullable=False),
    sa.Column('details', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry'))
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_entry_action'), ['action'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entry_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entry_subject_id'), ['subject_id'], unique=False)

    op.create_table('card_template',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('unit_type', sa.String(), nullable=False),
    sa.Column('vision', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_card_template')),
    sa.UniqueConstraint('unit_type', name=op.f('uq_card_template_unit_type'))
    )
    op.create_table('cube',
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('axes', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('arrays', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('wave_id', name=op.f('pk_cube'))
    )
    op.create_table('draft',
    sa.Column('participation_id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('rev', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('participation_id', name=op.f('pk_draft'))
    )
    with op.batch_alter_table('draft', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_draft_wave_id'), ['wave_id'], unique=False)

    op.create_table('envelope',
    sa.Column('participation_id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('rev', sa.Integer(), nullable=False),
    sa.Column('submission_id', sa.Uuid(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('participation_id', name=op.f('pk_envelope'))
    )
    with op.batch_alter_table('envelope', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_envelope_wave_id'), ['wave_id'], unique=False)

    op.create_table('free_text',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('segment_code', sa.String(), nullable=False),
    sa.Column('item', sa.String(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_free_text'))
    )
    with op.batch_alter_table('free_text', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_free_text_wave_id'), ['wave_id'], unique=False)

    op.create_table('indicator',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('perspective', sa.Enum('users', 'processes', 'employees', 'economy', name='perspective', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('direction', sa.Enum('up', 'down', name='direction', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('target', sa.Double(), nullable=True),
    sa.Column('green_from', sa.Double(), nullable=True),
    sa.Column('yellow_from', sa.Double(), nullable=True),
    sa.Column('measured_in', sa.String(), nullable=False),
    sa.Column('unit_types', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_indicator')),
    sa.UniqueConstraint('code', name=op.f('uq_indicator_code'))
    )
    op.create_table('instrument',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_instrument')),
    sa.UniqueConstraint('code', name=op.f('uq_instrument_code'))
    )
    op.create_table('job',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('payload', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'running', 'done', 'dead', name='jobstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('run_after', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('n_attempts', sa.Integer(), nullable=False),
    sa.Column('n_done', sa.Integer(), nullable=False),
    sa.Column('n_total', sa.Integer(), nullable=False),
    sa.Column('last_error', sa.String(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job')),
    sa.UniqueConstraint('key', name=op.f('uq_job_key'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_job_run_after'), ['run_after'], unique=False)
        batch_op.create_index(batch_op.f('ix_job_state'), ['state'], unique=False)

    op.create_table('opening',
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('batch_no', sa.Integer(), nullable=False),
    sa.Column('opened_on', sa.Date(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('manifest_sha256', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('wave_id', 'batch_no', name=op.f('pk_opening'))
    )
    op.create_table('org_unit',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_org_unit')),
    sa.UniqueConstraint('code', name=op.f('uq_org_unit_code'))
    )
    op.create_table('outbox_mail',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.Column('state', sa.Enum('waiting', 'sent', 'dead', 'withdrawn', name='mailstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('send_after', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('n_attempts', sa.Integer(), nullable=False),
    sa.Column('last_error', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_mail')),
    sa.UniqueConstraint('key', name=op.f('uq_outbox_mail_key'))
    )
    with op.batch_alter_table('outbox_mail', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outbox_mail_send_after'), ['send_after'], unique=False)
        batch_op.create_index(batch_op.f('ix_outbox_mail_state'), ['state'], unique=False)

    op.create_table('rate_count',
    sa.Column('key', sa.LargeBinary(), nullable=False),
    sa.Column('window_ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('n_attempts', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_rate_count'))
    )
    op.create_table('rate_key',
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('secret', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('on_day', name=op.f('pk_rate_key'))
    )
    op.create_table('segment_count',
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('segment_code', sa.String(), nullable=False),
    sa.Column('n_invited', sa.Integer(), nullable=True),
    sa.Column('n_answered', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('wave_id', 'segment_code', name=op.f('pk_segment_count'))
    )
    op.create_table('survey',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('title', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('audience', sa.Enum('employee', 'user', 'citizen', name='audience', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_survey')),
    sa.UniqueConstraint('code', name=op.f('uq_survey_code'))
    )
    op.create_table('wave_key',
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('kid', sa.String(), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('destroyed_on', sa.Date(), nullable=True),
    sa.PrimaryKeyConstraint('wave_id', name=op.f('pk_wave_key'))
    )
    op.create_table('account_link',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.Enum('first_password', 'reset_password', name='linkpurpose', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_account_link_account_id_account'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_account_link'))
    )
    with op.batch_alter_table('account_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_account_link_account_id'), ['account_id'], unique=False)

    op.create_table('account_session',
    sa.Column('id_hash', sa.LargeBinary(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_account_session_account_id_account'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id_hash', name=op.f('pk_account_session'))
    )
    with op.batch_alter_table('account_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_account_session_account_id'), ['account_id'], unique=False)

    op.create_table('indicator_value',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('indicator_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('period', sa.Integer(), nullable=False),
    sa.Column('value', sa.Double(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=True),
    sa.Column('low', sa.Double(), nullable=True),
    sa.Column('high', sa.Double(), nullable=True),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('release_sha256', sa.String(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.String(), nullable=False),
    sa.Column('replaced_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['indicator_id'], ['indicator.id'], name=op.f('fk_indicator_value_indicator_id_indicator')),
    sa.ForeignKeyConstraint(['unit_id'], ['org_unit.id'], name=op.f('fk_indicator_value_unit_id_org_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_indicator_value'))
    )
    with op.batch_alter_table('indicator_value', schema=None) as batch_op:
        batch_op.create_index('ix_indicator_value_place', ['unit_id', 'period', 'indicator_id'], unique=False)

    op.create_table('instrument_version',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('instrument_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('draft', 'frozen', name='versionstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('definition', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('source_name', sa.String(), nullable=False),
    sa.Column('source_file', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['instrument_id'], ['instrument.id'], name=op.f('fk_instrument_version_instrument_id_instrument')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_instrument_version')),
    sa.UniqueConstraint('instrument_id', 'number', name=op.f('uq_instrument_version_instrument_id_number'))
    )
    op.create_table('role_grant',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('admin', 'survey_admin', 'hr', 'controller', 'scorecard_office', 'director', 'leader', 'reader', name='role', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_role_grant_account_id_account'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['unit_id'], ['org_unit.id'], name=op.f('fk_role_grant_unit_id_org_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_grant')),
    sa.UniqueConstraint('account_id', 'role', 'unit_id', name=op.f('uq_role_grant_account_id_role_unit_id'))
    )
    op.create_table('scorecard',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('period', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('draft', 'approved', 'replaced', name='cardstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('vision', sa.String(), nullable=False),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('approved_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['unit_id'], ['org_unit.id'], name=op.f('fk_scorecard_unit_id_org_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scorecard')),
    sa.UniqueConstraint('unit_id', 'period', 'version', name=op.f('uq_scorecard_unit_id_period_version'))
    )
    with op.batch_alter_table('scorecard', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scorecard_unit_id'), ['unit_id'], unique=False)

    op.create_table('template_line',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('template_id', sa.Uuid(), nullable=False),
    sa.Column('indicator_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('goal', sa.String(), nullable=False),
    sa.Column('success_factor', sa.String(), nullable=False),
    sa.Column('target', sa.Double(), nullable=True),
    sa.ForeignKeyConstraint(['indicator_id'], ['indicator.id'], name=op.f('fk_template_line_indicator_id_indicator')),
    sa.ForeignKeyConstraint(['template_id'], ['card_template.id'], name=op.f('fk_template_line_template_id_card_template'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_template_line')),
    sa.UniqueConstraint('template_id', 'indicator_id', name=op.f('uq_template_line_template_id_indicator_id'))
    )
    op.create_table('unit_lineage',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('from_unit_id', sa.Uuid(), nullable=False),
    sa.Column('to_unit_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('move', 'merge', 'split', name='lineagekind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('on_date', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['from_unit_id'], ['org_unit.id'], name=op.f('fk_unit_lineage_from_unit_id_org_unit')),
    sa.ForeignKeyConstraint(['to_unit_id'], ['org_unit.id'], name=op.f('fk_unit_lineage_to_unit_id_org_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit_lineage')),
    sa.UniqueConstraint('from_unit_id', 'to_unit_id', 'on_date', name=op.f('uq_unit_lineage_from_unit_id_to_unit_id_on_date'))
    )
    op.create_table('unit_version',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('parent_id', sa.Uuid(), nullable=True),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('type', sa.String(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.CheckConstraint('parent_id IS NULL OR parent_id <> unit_id', name=op.f('ck_unit_version_not_own_parent')),
    sa.CheckConstraint('valid_to IS NULL OR valid_to > valid_from', name=op.f('ck_unit_version_period')),
    sa.ForeignKeyConstraint(['parent_id'], ['org_unit.id'], name=op.f('fk_unit_version_parent_id_org_unit')),
    sa.ForeignKeyConstraint(['unit_id'], ['org_unit.id'], name=op.f('fk_unit_version_unit_id_org_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit_version')),
    sa.UniqueConstraint('unit_id', 'valid_from', name=op.f('uq_unit_version_unit_id_valid_from'))
    )
    with op.batch_alter_table('unit_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_unit_version_unit_id'), ['unit_id'], unique=False)

    op.create_table('case_round',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('internal_control', 'it_security', name='formkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('instrument_version_id', sa.Uuid(), nullable=False),
    sa.Column('period', sa.Integer(), nullable=False),
    sa.Column('deadline_on', sa.Date(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('simulated', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['instrument_version_id'], ['instrument_version.id'], name=op.f('fk_case_round_instrument_version_id_instrument_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_round'))
    )
    op.create_table('scorecard_line',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('scorecard_id', sa.Uuid(), nullable=False),
    sa.Column('indicator_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('perspective', sa.Enum('users', 'processes', 'employees', 'economy', name='perspective', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('goal', sa.String(), nullable=False),
    sa.Column('success_factor', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('measured_in', sa.String(), nullable=False),
    sa.Column('target', sa.Double(), nullable=True),
    sa.Column('value', sa.Double(), nullable=True),
    sa.Column('n', sa.Integer(), nullable=True),
    sa.Column('low', sa.Double(), nullable=True),
    sa.Column('high', sa.Double(), nullable=True),
    sa.Column('band', sa.Enum('green', 'yellow', 'red', 'unsure', 'none', name='band', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('last', sa.Double(), nullable=True),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('release_sha256', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['indicator_id'], ['indicator.id'], name=op.f('fk_scorecard_line_indicator_id_indicator')),
    sa.ForeignKeyConstraint(['scorecard_id'], ['scorecard.id'], name=op.f('fk_scorecard_line_scorecard_id_scorecard'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scorecard_line')),
    sa.UniqueConstraint('scorecard_id', 'code', name=op.f('uq_scorecard_line_scorecard_id_code'))
    )
    op.create_table('wave',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('survey_id', sa.Uuid(), nullable=False),
    sa.Column('instrument_version_id', sa.Uuid(), nullable=False),
    sa.Column('audience', sa.Enum('employee', 'user', 'citizen', name='audience', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state', sa.Enum('planned', 'open', 'closing', 'closed', name='wavestate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('outcome', sa.Enum('released', 'too_few', name='waveoutcome', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('opens', sa.Date(), nullable=False),
    sa.Column('closes', sa.Date(), nullable=False),
    sa.Column('k_mean', sa.Integer(), nullable=False),
    sa.Column('k_spread', sa.Integer(), nullable=False),
    sa.Column('k_invited', sa.Integer(), nullable=False),
    sa.Column('level', sa.Enum('L1', name='anonymitylevel', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('key_grace_days', sa.Integer(), nullable=False),
    sa.Column('two_approvers', sa.Boolean(), nullable=False),
    sa.Column('open_link', sa.Boolean(), nullable=False),
    sa.Column('scope', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('simulated', sa.Boolean(), nullable=False),
    sa.Column('retention_on', sa.Date(), nullable=False),
    sa.Column('launched_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('launch_manifest', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    sa.Column('manifest_sha256', sa.String(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('closes >= opens', name=op.f('ck_wave_period')),
    sa.CheckConstraint('k_invited >= 5', name=op.f('ck_wave_k_invited_floor')),
    sa.CheckConstraint('k_mean >= 5', name=op.f('ck_wave_k_mean_floor')),
    sa.CheckConstraint('k_spread >= 10', name=op.f('ck_wave_k_spread_floor')),
    sa.ForeignKeyConstraint(['instrument_version_id'], ['instrument_version.id'], name=op.f('fk_wave_instrument_version_id_instrument_version')),
    sa.ForeignKeyConstraint(['survey_id'], ['survey.id'], name=op.f('fk_wave_survey_id_survey')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wave')),
    sa.UniqueConstraint('code', name=op.f('uq_wave_code'))
    )
    op.create_table('case',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('round_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.Enum('assigned', 'draft', 'submitted', 'returned', 'approved', name='casestate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('answers', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('rev', sa.Integer(), nullable=False),
    sa.Column('first_submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['round_id'], ['case_round.id'], name=op.f('fk_case_round_id_case_round')),
    sa.ForeignKeyConstraint(['unit_id'], ['org_unit.id'], name=op.f('fk_case_unit_id_org_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case')),
    sa.UniqueConstraint('round_id', 'unit_id', name=op.f('uq_case_round_id_unit_id'))
    )
    with op.batch_alter_table('case', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_round_id'), ['round_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_unit_id'), ['unit_id'], unique=False)

    op.create_table('release',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('frozen_on', sa.Date(), nullable=False),
    sa.Column('method', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('manifest_sha256', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['wave_id'], ['wave.id'], name=op.f('fk_release_wave_id_wave')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_release')),
    sa.UniqueConstraint('wave_id', name=op.f('uq_release_wave_id'))
    )
    op.create_table('response_rate',
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('unit_code', sa.String(), nullable=False),
    sa.Column('percent', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['wave_id'], ['wave.id'], name=op.f('fk_response_rate_wave_id_wave'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('wave_id', 'unit_code', name=op.f('pk_response_rate'))
    )
    op.create_table('sample_member',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('unit_code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('email', sa.String(), nullable=True),
    sa.Column('phone', sa.String(), nullable=True),
    sa.Column('language', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['wave_id'], ['wave.id'], name=op.f('fk_sample_member_wave_id_wave'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sample_member')),
    sa.UniqueConstraint('wave_id', 'unit_code', 'email', name=op.f('uq_sample_member_wave_id_unit_code_email'))
    )
    with op.batch_alter_table('sample_member', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sample_member_wave_id'), ['wave_id'], unique=False)

    op.create_table('wave_segment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('unit_code', sa.String(), nullable=False),
    sa.Column('member_units', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.ForeignKeyConstraint(['wave_id'], ['wave.id'], name=op.f('fk_wave_segment_wave_id_wave'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wave_segment')),
    sa.UniqueConstraint('wave_id', 'code', name=op.f('uq_wave_segment_wave_id_code'))
    )
    op.create_table('wave_unit',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('type', sa.String(), nullable=False),
    sa.Column('parent_code', sa.String(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['org_unit.id'], name=op.f('fk_wave_unit_unit_id_org_unit')),
    sa.ForeignKeyConstraint(['wave_id'], ['wave.id'], name=op.f('fk_wave_unit_wave_id_wave'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wave_unit')),
    sa.UniqueConstraint('wave_id', 'code', name=op.f('uq_wave_unit_wave_id_code')),
    sa.UniqueConstraint('wave_id', 'position', name=op.f('uq_wave_unit_wave_id_position'))
    )
    op.create_table('case_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('step', sa.String(), nullable=False),
    sa.Column('comment', sa.String(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_case_event_case_id_case'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_event'))
    )
    with op.batch_alter_table('case_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_event_case_id'), ['case_id'], unique=False)

    op.create_table('case_revision',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('answers', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_case_revision_case_id_case'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_revision')),
    sa.UniqueConstraint('case_id', 'number', name=op.f('uq_case_revision_case_id_number'))
    )
    op.create_table('deviation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('item', sa.String(), nullable=False),
    sa.Column('description', sa.String(), nullable=False),
    sa.Column('state', sa.Enum('open', 'closed', name='deviationstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('opened_on', sa.Date(), nullable=False),
    sa.Column('closed_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_deviation_case_id_case'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deviation')),
    sa.UniqueConstraint('case_id', 'item', name=op.f('uq_deviation_case_id_item'))
    )
    with op.batch_alter_table('deviation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_deviation_case_id'), ['case_id'], unique=False)

    op.create_table('evidence',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('item', sa.String(), nullable=True),
    sa.Column('file_name', sa.String(), nullable=False),
    sa.Column('media_type', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('stored_name', sa.String(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('added_by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_evidence_case_id_case'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence')),
    sa.UniqueConstraint('stored_name', name=op.f('uq_evidence_stored_name'))
    )
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_evidence_case_id'), ['case_id'], unique=False)

    op.create_table('participation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('sample_member_id', sa.Uuid(), nullable=False),
    sa.Column('segment_code', sa.String(), nullable=False),
    sa.Column('credential', sa.Enum('mail_link', 'letter_code', name='credential', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('credential_hash', sa.LargeBinary(), nullable=False),
    sa.Column('token_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['sample_member_id'], ['sample_member.id'], name=op.f('fk_participation_sample_member_id_sample_member'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['wave_id'], ['wave.id'], name=op.f('fk_participation_wave_id_wave'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_participation')),
    sa.UniqueConstraint('credential_hash', name=op.f('uq_participation_credential_hash')),
    sa.UniqueConstraint('sample_member_id', name=op.f('uq_participation_sample_member_id'))
    )
    with op.batch_alter_table('participation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_participation_wave_id'), ['wave_id'], unique=False)

    op.create_table('release_cell',
    sa.Column('release_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('unit', sa.String(), nullable=False),
    sa.Column('cut', sa.String(), nullable=False),
    sa.Column('category', sa.String(), nullable=False),
    sa.Column('kind', sa.Enum('item', 'scale', 'wave', name='cellkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('item', sa.String(), nullable=False),
    sa.Column('measure', sa.String(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=True),
    sa.Column('value', sa.Double(), nullable=True),
    sa.Column('low', sa.Double(), nullable=True),
    sa.Column('high', sa.Double(), nullable=True),
    sa.Column('compared_to', sa.String(), nullable=False),
    sa.Column('difference', sa.Double(), nullable=True),
    sa.Column('p', sa.Double(), nullable=True),
    sa.Column('p_adjusted', sa.Double(), nullable=True),
    sa.Column('effect', sa.Double(), nullable=True),
    sa.Column('verdict', sa.String(), nullable=False),
    sa.Column('state', sa.Enum('shown', 'hidden', name='cellstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.CheckConstraint("state = 'shown' OR (n IS NULL AND value IS NULL AND low IS NULL AND high IS NULL AND difference IS NULL AND p IS NULL AND p_adjusted IS NULL AND effect IS NULL AND verdict = '')", name=op.f('ck_release_cell_hidden_holds_no_number')),
    sa.ForeignKeyConstraint(['release_id'], ['release.id'], name=op.f('fk_release_cell_release_id_release')),
    sa.PrimaryKeyConstraint('release_id', 'position', name=op.f('pk_release_cell'))
    )
    with op.batch_alter_table('release_cell', schema=None) as batch_op:
        batch_op.create_index('ix_release_cell_item', ['release_id', 'kind', 'item'], unique=False)
        batch_op.create_index('ix_release_cell_unit', ['release_id', 'unit'], unique=False)

    op.create_table('action',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('deviation_id', sa.Uuid(), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('owner', sa.String(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('done_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['deviation_id'], ['deviation.id'], name=op.f('fk_action_deviation_id_deviation'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_action'))
    )
    with op.batch_alter_table('action', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_action_deviation_id'), ['deviation_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('action', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_action_deviation_id'))

    op.drop_table('action')
    with op.batch_alter_table('release_cell', schema=None) as batch_op:
        batch_op.drop_index('ix_release_cell_unit')
        batch_op.drop_index('ix_release_cell_item')

    op.drop_table('release_cell')
    with op.batch_alter_table('participation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_participation_wave_id'))

    op.drop_table('participation')
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_evidence_case_id'))

    op.drop_table('evidence')
    with op.batch_alter_table('deviation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_deviation_case_id'))

    op.drop_table('deviation')
    op.drop_table('case_revision')
    with op.batch_alter_table('case_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_event_case_id'))

    op.drop_table('case_event')
    op.drop_table('wave_unit')
    op.drop_table('wave_segment')
    with op.batch_alter_table('sample_member', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sample_member_wave_id'))

    op.drop_table('sample_member')
    op.drop_table('response_rate')
    op.drop_table('release')
    with op.batch_alter_table('case', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_unit_id'))
        batch_op.drop_index(batch_op.f('ix_case_round_id'))

    op.drop_table('case')
    op.drop_table('wave')
    op.drop_table('scorecard_line')
    op.drop_table('case_round')
    with op.batch_alter_table('unit_version', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_unit_version_unit_id'))

    op.drop_table('unit_version')
    op.drop_table('unit_lineage')
    op.drop_table('template_line')
    with op.batch_alter_table('scorecard', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_scorecard_unit_id'))

    op.drop_table('scorecard')
    op.drop_table('role_grant')
    op.drop_table('instrument_version')
    with op.batch_alter_table('indicator_value', schema=None) as batch_op:
        batch_op.drop_index('ix_indicator_value_place')

    op.drop_table('indicator_value')
    with op.batch_alter_table('account_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_account_session_account_id'))

    op.drop_table('account_session')
    with op.batch_alter_table('account_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_account_link_account_id'))

    op.drop_table('account_link')
    op.drop_table('wave_key')
    op.drop_table('survey')
    op.drop_table('segment_count')
    op.drop_table('rate_key')
    op.drop_table('rate_count')
    with op.batch_alter_table('outbox_mail', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_outbox_mail_state'))
        batch_op.drop_index(batch_op.f('ix_outbox_mail_send_after'))

    op.drop_table('outbox_mail')
    op.drop_table('org_unit')
    op.drop_table('opening')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_job_state'))
        batch_op.drop_index(batch_op.f('ix_job_run_after'))

    op.drop_table('job')
    op.drop_table('instrument')
    op.drop_table('indicator')
    with op.batch_alter_table('free_text', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_free_text_wave_id'))

    op.drop_table('free_text')
    with op.batch_alter_table('envelope', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_envelope_wave_id'))

    op.drop_table('envelope')
    with op.batch_alter_table('draft', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_draft_wave_id'))

    op.drop_table('draft')
    op.drop_table('cube')
    op.drop_table('card_template')
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_entry_subject_id'))
        batch_op.drop_index(batch_op.f('ix_audit_entry_at'))
        batch_op.drop_index(batch_op.f('ix_audit_entry_action'))

    op.drop_table('audit_entry')
    with op.batch_alter_table('answer_set', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_answer_set_wave_id'))
        batch_op.drop_index(batch_op.f('ix_answer_set_receipt_hash'))

    op.drop_table('answer_set')
    op.drop_table('account')
