"""Every route and who may enter: written by hand, so that the blueprints' declarations are held to it.

PUBLIC: anybody. RESPONDENT: anybody; the view checks the respondent's own credential. SIGNED_IN: any account.
A set: these roles. UNIT_ROUTES: of those, the ones whose address names a unit, with the argument that does.
"""

from surveyor.accounts.enums import Role

A, S, H, C = Role.ADMIN, Role.SURVEY_ADMIN, Role.HR, Role.CONTROLLER
O, D, L, R = Role.SCORECARD_OFFICE, Role.DIRECTOR, Role.LEADER, Role.READER  # noqa: E741 -- one letter a role

PUBLIC, RESPONDENT, SIGNED_IN = "public", "respondent", "signed in"
Who = str | frozenset[Role]


def _only(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


ACCOUNTS: dict[str, Who] = {
    "accounts.ask_reset": PUBLIC,
    "accounts.begin_session": PUBLIC,
    "accounts.change_password": SIGNED_IN,
    "accounts.choose_language": SIGNED_IN,
    "accounts.choose_password": PUBLIC,
    "accounts.follow_link": PUBLIC,
    "accounts.own": SIGNED_IN,
    "accounts.send_reset": PUBLIC,
    "accounts.set_password": PUBLIC,
    "accounts.sign_in": PUBLIC,
    "accounts.sign_out": PUBLIC,
    "accounts.sign_out_everywhere": SIGNED_IN,
    "account_admin.create": _only(A),
    "account_admin.disable": _only(A),
    "account_admin.enable": _only(A),
    "account_admin.grant_role": _only(A),
    "account_admin.index": _only(A),
    "account_admin.issue_link": _only(A),
    "account_admin.new": _only(A),
    "account_admin.revoke_role": _only(A),
    "account_admin.show": _only(A),
}
PAGES: dict[str, Who] = {
    "pages.accessibility": PUBLIC,
    "pages.code": PUBLIC,
    "pages.contact": PUBLIC,
    "pages.front": PUBLIC,
    "pages.privacy": PUBLIC,
    "static": PUBLIC,
}
ADMINISTRATION: dict[str, Who] = {
    "audit.index": _only(A),
    "outbox.index": _only(A),
    "outbox.retry": _only(A),
    "outbox.show": _only(A),
    "units.import_file": _only(A),
    "units.index": _only(A, S, H, C, O),
    "units.merge": _only(A),
    "units.move": _only(A),
    "units.rename": _only(A),
    "units.show": _only(A, S, H, C, O),
    "units.split": _only(A),
    "units.upload": _only(A),
}
INSTRUMENTS: dict[str, Who] = {
    "instruments.download": _only(A, S, H, C),
    "instruments.export": _only(A, S, H, C),
    "instruments.freeze": _only(A, S, C),
    "instruments.import_file": _only(A, S, C),
    "instruments.index": _only(A, S, H, C),
    "instruments.media": PUBLIC,
    "instruments.preview": _only(A, S, H, C),
    "instruments.redraft": _only(A, S, C),
    "instruments.show": _only(A, S, H, C),
    "instruments.take": _only(A, S, C),
    "instruments.upload": _only(A, S, C),
}
ANSWERING: dict[str, Who] = {
    f"{audience}.{step}": RESPONDENT
    for audience in ("employee", "user", "citizen")
    for step in (
        "answer", "ask_withdrawal", "by_code", "by_link", "change", "code_entry", "kept", "page",
        "protection", "receipt_entry", "review", "submit", "welcome", "withdraw", "withdraw_by_receipt",
        "leave", "parts", "save", "saved", "share", "stay", "unshare",
    )
} | {"citizen.open_link": RESPONDENT}  # fmt: skip
CASES: dict[str, Who] = {
    f"{form}.{step}": who
    for form in ("internal_control", "it_security")
    for step, who in {
        "action": _only(L, C, A),
        "approve": _only(C, A),
        "attach": _only(L),
        "case": _only(L, C, A, D),
        "close": _only(C, A),
        "detach": _only(L),
        "download": _only(L, C, A, D),
        "deviation": _only(L, C, A, D),
        "deviations": _only(L, C, A, D),
        "edit_action": _only(L, C, A),
        "evidence": _only(L, C, A, D),
        "finish_action": _only(L, C, A),
        "index": _only(L, C, A, D),
        "new_action": _only(L, C, A),
        "page": _only(L),
        "plan": _only(C, A),
        "remind": _only(C, A),
        "review": _only(L),
        "round_": _only(C, A, D),
        "save": _only(L),
        "send": _only(C, A),
        "send_back": _only(C, A),
        "submit": _only(L),
    }.items()
}
CAMPAIGNS: dict[str, Who] = {
    "campaigns.approve": _only(S, H),
    "campaigns.change": _only(S),
    "campaigns.check": _only(S),
    "campaigns.close": _only(S),
    "campaigns.closing": _only(S),
    "campaigns.create": _only(S),
    "campaigns.delete": _only(S),
    "campaigns.edit": _only(S),
    "campaigns.index": _only(S, H),
    "campaigns.launch": _only(S),
    "campaigns.move_closing": _only(S),
    "campaigns.new": _only(S),
    "campaigns.show": _only(S, H),
    "campaigns.withdraw_approval": _only(S, H),
    "forecasts.show": _only(S),
    "samples.declare": _only(S),
    "samples.drop": _only(S),
    "samples.import_file": _only(S),
    "samples.show": _only(S),
    "invitations.clear": _only(S),
    "invitations.import_file": _only(S),
    "invitations.letters": _only(S),
    "invitations.members": _only(S),
    "invitations.remind": _only(S),
    "invitations.thank": _only(S),
    "invitations.thank_nobody": _only(S),
}
PAPER: dict[str, Who] = {
    "keying.begin": _only(S, O),
    "keying.compare": _only(S, O),
    "keying.decide": _only(S, O),
    "keying.discard": _only(S, O),
    "keying.index": _only(S, O),
    "keying.keep": _only(S, O),
    "keying.wave": _only(S, O),
    "paper.instrument": _only(A, S, H, C),
    "paper.wave": _only(S),
}
INDICATORS: dict[str, Who] = {
    "indicators.change": _only(O),
    "indicators.count_forms": _only(O, C),
    "indicators.create": _only(O),
    "indicators.delete": _only(O),
    "indicators.edit": _only(O),
    "indicators.import_file": _only(O),
    "indicators.import_values": _only(O),
    "indicators.index": _only(O, S, C),
    "indicators.new": _only(O),
    "indicators.publish": _only(O, S),
    "indicators.record_value": _only(O),
    "indicators.upload": _only(O),
    "indicators.upload_values": _only(O),
    "indicators.values": _only(O),
}
RESULTS: dict[str, Who] = {
    "second_releases.order": _only(S),
    "second_releases.show": _only(S),
    "second_releases.withdraw": _only(S),
    "result_groups.overview": _only(H, S, D, L),
    "result_groups.questions": _only(H, S, D, L),
    "result_groups.theme": _only(H, S, D, L),
    "quality.download": _only(H, S, C),
    "quality.index": _only(H, S, C),
    "quality.read_norm": _only(H, S),
    "quality.wave": _only(H, S, C),
    "restatements.preview": _only(C, S),
    "restatements.restate": _only(C, S),
    "restatements.show": _only(C, S),
    "results.comments": _only(H, S, D, L),
    "results.download": _only(H, S, D),
    "results.fetch": _only(H, S, D),
    "results.index": _only(H, S, D, L),
    "results.method": _only(H, S, D, L),
    "results.order": _only(H, S, D),
    "results.ordered": _only(H, S, D),
    "results.over_time": _only(H, S, D, L),
    "results.package": _only(H, S, D),
    "results.questions": _only(H, S, D, L),
    "results.scale": _only(H, S, D, L),
    "results.unit": _only(H, S, D, L),
    "results.wave": _only(H, S, D, L),
    "sample_results.download": _only(H, S, D),
    "sample_results.responses": _only(H, S, D, L),
    "sample_results.weighted": _only(H, S, D, L),
}
TEXTS: dict[str, Who] = {
    f"texts.{step}": _only(S, H)
    for step in (
        "add_theme", "code", "decide", "decided", "index", "queue", "release", "releasing", "remove_theme",
        "take_back", "themes",
    )
}  # fmt: skip
SCORECARDS: dict[str, Who] = {
    "scorecards.approval": _only(D),
    "scorecards.approve": _only(D),
    "scorecards.approve_all": _only(D),
    "scorecards.compare": _only(O, D, L, C, H, R),
    "scorecards.edit_template": _only(O),
    "scorecards.index": _only(O, D, L, C, H, R),
    "scorecards.save_template": _only(O),
    "scorecards.show": _only(O, D, L, C, H, R),
    "scorecards.templates": _only(O),
}
TABLE: dict[str, Who] = (
    ACCOUNTS | PAGES | ADMINISTRATION | INSTRUMENTS | CAMPAIGNS | PAPER | ANSWERING
    | CASES | RESULTS | TEXTS | INDICATORS | SCORECARDS
)  # fmt: skip
# endpoint -> argument that names the unit: whoever holds the role on another unit only gets 404
UNIT_ROUTES: dict[str, str] = {
    "result_groups.overview": "code",
    "result_groups.questions": "code",
    "result_groups.theme": "code",
    "results.comments": "code",
    "results.download": "code",
    "results.order": "code",
    "results.over_time": "code",
    "results.questions": "code",
    "results.scale": "code",
    "results.unit": "code",
    "sample_results.weighted": "code",
    "scorecards.approval": "code",
    "scorecards.approve": "code",
    "scorecards.approve_all": "code",
}
