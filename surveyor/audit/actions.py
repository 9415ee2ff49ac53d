"""The closed table of audited actions: what each is called on the log page, and the keys it may carry."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from surveyor.errors import N_


@dataclass(frozen=True)
class Action:
    """One kind of change: its name for readers of the log, and the only keys its details may hold."""

    label: str
    keys: frozenset[str]


def _action(label: str, *keys: str) -> Action:
    return Action(label, frozenset(keys))


# Sorted by room, then by name. Never an action for an anonymous respondent.
ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        # accounts
        "account.created": _action(N_("Opprettet bruker"), "role", "unit"),
        "account.disabled": _action(N_("Stengte bruker")),
        "account.enabled": _action(N_("Åpnet bruker igjen")),
        "account.link_issued": _action(N_("Laget engangslenke"), "purpose"),
        "account.password_changed": _action(N_("Byttet passord")),
        "account.role_granted": _action(N_("Ga rolle"), "role", "unit"),
        "account.role_revoked": _action(N_("Tok bort rolle"), "role", "unit"),
        "account.signed_out_everywhere": _action(N_("Logget ut overalt")),
        # campaigns
        "wave.closing_moved": _action(N_("Flyttet sluttdato for måling"), "code", "closes"),
        "wave.answers_erased": _action(N_("Slettet svarene bak tallene"), "code", "n_answers"),
        "wave.closing_ordered": _action(N_("Ba om å avslutte måling"), "code"),
        "wave.created": _action(N_("Planla måling"), "code", "survey", "instrument"),
        "wave.deleted": _action(N_("Slettet planlagt måling"), "code"),
        "wave.edited": _action(N_("Endret planlagt måling"), "code", "fields"),
        "wave.launched": _action(N_("Startet måling"), "code", "manifest_sha256", "n_invited", "n_merged"),
        "wave.margins_imported": _action(N_("Leste inn fordelinger i befolkningen"), "code", "variables"),
        "wave.opening_approval_withdrawn": _action(N_("Trakk godkjenningen av at svarene åpnes"), "code"),
        "wave.opening_approved": _action(N_("Godkjente at svarene åpnes"), "code"),
        "wave.people_erased": _action(N_("Slettet deltakerlisten"), "code", "n_people"),
        "wave.sample_declared": _action(N_("Sa hvordan utvalget er trukket"), "code", "kind", "n_population"),
        "wave.sample_dropped": _action(N_("Tok bort utvalget"), "code"),
        "wave.thanks_chosen": _action(N_("Valgte takk på e-post"), "code"),
        "wave.thanks_dropped": _action(N_("Valgte bort takk på e-post"), "code"),
        # cases
        "case.approved": _action(N_("Godkjente skjema")),
        "case.attached": _action(N_("La ved fil i skjema"), "file", "sha256", "size"),
        "case.detached": _action(N_("Fjernet fil fra skjema"), "file", "sha256"),
        "case.returned": _action(N_("Sendte skjema tilbake")),
        "case.saved": _action(N_("Lagret skjema"), "rev"),
        "case.submitted": _action(N_("Leverte skjema"), "revision", "n_deviations"),
        "cases.reminded": _action(N_("Sendte påminnelse om skjema"), "n_cases", "n_mails"),
        "cases.sent": _action(N_("Sendte ut skjema"), "kind", "title", "period", "deadline_on", "n_cases"),
        "deviation.action_added": _action(N_("La til tiltak"), "action_id", "due_on"),
        "deviation.action_changed": _action(N_("Endret tiltak"), "action_id", "due_on"),
        "deviation.action_done": _action(N_("Utførte tiltak"), "action_id"),
        "deviation.closed": _action(N_("Lukket avvik")),
        "deviation.opened": _action(N_("Åpnet avvik"), "item"),
        "deviation.withdrawn": _action(N_("Avvik falt bort"), "item"),
        # exports
        "results.file_ordered": _action(N_("Bestilte fil med resultater"), "unit", "format"),
        # indicators
        "indicator.created": _action(N_("Opprettet indikator")),
        "indicator.deleted": _action(N_("Slettet indikator")),
        "indicator.edited": _action(N_("Endret indikator"), "fields"),
        "indicators.forms_counted": _action(N_("Talte opp skjema til styringskort"), "period", "n_values"),
        "indicators.imported": _action(N_("Leste inn indikatorer"), "n_new", "n_changed"),
        "indicators.published": _action(N_("Førte måling på styringskort"), "n_values", "sha256"),
        "indicators.value_recorded": _action(N_("Førte verdi"), "unit", "period"),
        "indicators.values_imported": _action(N_("Leste inn verdier"), "n_values"),
        # instruments
        "instrument.frozen": _action(N_("Låste skjema"), "code", "number", "sha256"),
        "instrument.imported": _action(N_("Leste inn skjema"), "code", "number", "sha256"),
        "instrument.redrafted": _action(N_("Begynte nytt utkast av skjema"), "code", "number", "sha256"),
        # invitations
        "invitations.imported": _action(N_("Leste inn deltakere"), "code", "n_added", "n_letters"),
        "invitations.cleared": _action(N_("Tømte listen over deltakere"), "code"),
        "invitations.letters_made": _action(N_("Laget brev med koder"), "code", "n_letters"),
        "invitations.reminded": _action(N_("Sendte påminnelse"), "code"),
        # mail
        "mail.retried": _action(N_("Prøvde e-post på nytt"), "kind"),
        # norms
        "norm.imported": _action(N_("Leste inn sammenligningstall"), "file", "n_cells"),
        # texts
        "comments.coded": _action(N_("Satte temaer på kommentar"), "item"),
        "comments.frozen": _action(N_("Frigav kommentarer"), "item", "n_comments", "sha256"),
        "comments.moderated": _action(N_("Gikk gjennom kommentar"), "item", "outcome"),
        "comments.reopened": _action(N_("Angret avgjørelse om kommentar"), "item"),
        "comments.theme_added": _action(N_("La til tema for kommentarer"), "item", "name"),
        "comments.theme_removed": _action(N_("Slettet tema for kommentarer"), "item", "name"),
        # releases
        "release.frozen": _action(N_("Frigav resultater"), "n_cells", "sha256"),
        "release.frozen_again": _action(N_("Frigav resultater på nytt"), "n_cells", "sha256"),
        "release.restated": _action(
            N_("Regnet om resultater for en senere måling"), "later", "n_units", "n_cells", "sha256"
        ),
        "wave.closed": _action(N_("Avsluttet måling"), "outcome"),
        # responses
        "responses.imported": _action(N_("Leste inn svar"), "mode", "n_answers"),
        "responses.imported_late": _action(N_("Leste inn svar som kom for sent"), "n_answers"),
        "responses.withdrawn": _action(N_("Trakk et svar")),
        "responses.keyed": _action(N_("Tastet inn papirsvar"), "code"),
        "wave.keys_destroyed": _action(N_("Slettet nøkkelen til svarene")),
        "wave.opened": _action(N_("Åpnet konvoluttene"), "n_answers"),
        # scorecards
        "card_template.saved": _action(N_("Endret kortmal"), "unit_type", "n_lines"),
        "scorecard.approved": _action(N_("Godkjente styringskort"), "period", "version"),
        # units
        "units.import": _action(
            N_("Leste inn enheter"), "file", "n_units", "n_started", "n_ended", "n_moved", "n_changed"
        ),
        "units.merge": _action(N_("Slo sammen enheter"), "sources", "on"),
        "units.move": _action(N_("Flyttet enhet"), "parent", "on"),
        "units.rename": _action(N_("Endret enhet"), "name", "type", "on"),
        "units.split": _action(N_("Delte enhet"), "parts", "on"),
    }
)
