"""What waits for whoever signs in, room by room: each with a link to where it is done."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from blueprints import case_access, filters, texts
from blueprints.access import account, granted_units, held_roles, unit_tree
from blueprints.card_access import rights
from blueprints.request_scope import session
from blueprints.result_access import sight_of
from blueprints.result_frame import title_of
from blueprints.wave_access import may_manage, may_read
from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.accounts.queries import has_one_account
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import opening_approvers, waves
from surveyor.campaigns.services import RETENTION
from surveyor.campaigns.spec import Approver
from surveyor.cases.enums import CaseState, DeviationState, FormKind, Lateness
from surveyor.cases.policy import FILLERS, FOLLOWERS
from surveyor.cases.queries import case_rows, deviation_rows, round_rows
from surveyor.cases.spec import CaseRow, RoundRow
from surveyor.cases.workflow import WITH_UNIT
from surveyor.indicators.queries import indicators
from surveyor.instruments.queries import newest_versions
from surveyor.jobs.queries import n_failing
from surveyor.mail.enums import MailState
from surveyor.mail.queries import n_mails
from surveyor.releases.erasing import ERASE
from surveyor.releases.queries import released_waves
from surveyor.responses.tasks import DESTROY_KEYS
from surveyor.scorecards.policy import waiting
from surveyor.scorecards.queries import cards_of

SOON = timedelta(days=7)
NEWS = timedelta(days=60)
MOST_NAMED = 5  # more of one kind are counted, not listed


@dataclass(frozen=True)
class Task:
    """One thing that waits; colour says how much it hurries: danger, warning, info, neutral."""

    heading: str
    text: str
    url: str
    colour: str


def tasks() -> list[Task]:
    """Everything that waits for this account, the most urgent first."""
    held = held_roles()
    found = dict.fromkeys(task for role, source in SOURCES if role in held for task in source())
    return sorted(found, key=lambda task: ("danger", "warning", "info", "neutral").index(task.colour))


def _leaders() -> Iterator[Task]:
    for kind in FormKind:
        rows = case_rows(session(), kind=kind, units=case_access.units_of(*FILLERS))
        mine = [row for row in rows if row.state in WITH_UNIT]
        yield from (_case(kind, row) for row in mine[:MOST_NAMED])
        if (rest := len(mine) - MOST_NAMED) > 0:
            heading = ngettext("Og %(num)s skjema til", "Og %(num)s skjema til", rest)
            yield Task(heading, _kind_name(kind), url_for(f"{kind.value}.index"), "info")
        yield from _late_actions(kind, case_access.units_of(*FILLERS))
    yield from _own_cards()


def _case(kind: FormKind, row: CaseRow) -> Task:
    is_late, is_soon = row.lateness is Lateness.LATE, row.deadline_on <= clock.today() + SOON
    day = filters.day(row.deadline_on)
    text = _("Fristen var %(day)s.", day=day) if is_late else _("Frist %(day)s.", day=day)
    if row.state is CaseState.RETURNED:
        text = f"{_('Sendt tilbake til deg.')} {text}"
    colour = "danger" if is_late else "warning" if is_soon or row.state is CaseState.RETURNED else "info"
    return Task(f"{row.title} – {row.unit_name}", text, url_for(f"{kind.value}.case", case_id=row.id), colour)


def _late_actions(kind: FormKind, units: frozenset[UUID]) -> Iterator[Task]:
    rows = deviation_rows(session(), kind=kind, units=units)
    late = sum(row.n_late_actions for row in rows if row.state is DeviationState.OPEN)
    if late:
        heading = ngettext("%(num)s tiltak er over fristen", "%(num)s tiltak er over fristen", late)
        yield Task(heading, _kind_name(kind), url_for(f"{kind.value}.deviations"), "danger")


def _new_results() -> Iterator[Task]:
    """What was released lately for the units one leads or directs."""
    for wave in released_waves(session()):
        if wave.frozen_on < clock.today() - NEWS:
            continue
        for node in sight_of(wave).tops[:1]:
            heading = _("Se resultatene: %(survey)s", survey=title_of(wave))
            text = _("Avsluttet %(day)s.", day=filters.day(wave.ended_on))
            url = url_for("results.unit", wave_code=wave.wave_code, code=node.code)
            yield Task(heading, text, url, "info")


def _own_cards() -> Iterator[Task]:
    """The card of each unit one leads; what lies below is found from there."""
    tree, year = unit_tree(), clock.today().year
    led = granted_units(Role.LEADER, tree=tree)
    for node in [node for node in tree if node.code in led and node.parent not in led][:MOST_NAMED]:
        url = url_for("scorecards.show", code=node.code, period=year)
        yield Task(_("Styringskortet til %(unit)s", unit=node.name), str(year), url, "neutral")


def _controllers() -> Iterator[Task]:
    units = case_access.units_of(*FOLLOWERS)
    for kind in FormKind:
        rounds = round_rows(session(), kind=kind, units=units)
        if not rounds:
            text = _("Ingen enheter har fått det ennå.")
            yield Task(
                _("Send ut skjema: %(kind)s", kind=_kind_name(kind)),
                text,
                url_for(f"{kind.value}.plan"),
                "neutral",
            )
        for row in rounds:
            yield from _round(kind, row)
        yield from _late_actions(kind, units)


def _round(kind: FormKind, row: RoundRow) -> Iterator[Task]:
    url = url_for(f"{kind.value}.round_", round_id=row.id)
    if row.n_late:
        heading = ngettext("%(num)s enhet er for sen", "%(num)s enheter er for sene", row.n_late)
        yield Task(heading, row.title, url, "danger")
    if row.n_to_approve:
        n = row.n_to_approve
        heading = ngettext("%(num)s skjema venter på godkjenning", "%(num)s skjema venter på godkjenning", n)
        yield Task(heading, row.title, url, "warning")


def _survey_administrators() -> Iterator[Task]:
    planned = waves(session())
    if not planned and not newest_versions(session()):
        text = _("Ta et ferdig skjema fra katalogen, eller les inn ditt eget.")
        yield Task(_("Hent det første spørreskjemaet"), text, url_for("instruments.index"), "info")
    elif not planned:
        text = _("Velg hvem som skal spørres, og når.")
        yield Task(_("Planlegg den første målingen"), text, url_for("campaigns.new"), "info")
    for wave in planned:
        found = _wave(wave)
        if found and may_manage(wave):
            yield found


def _wave(wave: Wave) -> Task | None:
    today, url = clock.today(), url_for("campaigns.show", code=wave.code)
    if wave.state is WaveState.PLANNED:
        text = _("Planlagt åpning %(day)s.", day=filters.day(wave.opens))
        return Task(
            _("Start målingen %(code)s", code=wave.code),
            text,
            url,
            "warning" if wave.opens <= today else "info",
        )
    if wave.state is WaveState.OPEN and wave.closes < today and not _approvers(wave):
        text = _("Siste svardag var %(day)s.", day=filters.day(wave.closes))
        return Task(_("Avslutt målingen %(code)s", code=wave.code), text, url, "warning")
    return None


def _approvals() -> Iterator[Task]:
    """Waves that one has agreed to open and that need somebody else to agree."""
    for wave in waves(session()):
        has_agreed = _approvers(wave)
        if len(has_agreed) == 1 and account().id != has_agreed[0].account_id and may_read(wave):
            heading = _("Godkjenn at svarene i %(code)s åpnes", code=wave.code)
            text = _("%(name)s har godkjent. Nå mangler én til.", name=has_agreed[0].name)
            yield Task(heading, text, url_for("campaigns.show", code=wave.code), "warning")


def _approvers(wave: Wave) -> tuple[Approver, ...]:
    if not wave.two_approvers or wave.state is not WaveState.OPEN:
        return ()
    return opening_approvers(session(), wave_id=wave.id)


def _scorecard_office() -> Iterator[Task]:
    if not indicators(session()):
        text = _("De sier hva som skal stå på styringskortene.")
        yield Task(_("Lag de første indikatorene"), text, url_for("indicators.index"), "info")


def _moderators() -> Iterator[Task]:
    """Comments that leaders cannot read before somebody has gone through them, and released them."""
    for wave, items in texts.moderated():
        todo = [item for item in items if item.has_enough and not item.is_frozen]
        if n := sum(item.n_waiting for item in todo):
            heading = ngettext(
                "%(num)s kommentar venter på gjennomgang", "%(num)s kommentarer venter på gjennomgang", n
            )
            yield Task(heading, wave.code, url_for("texts.index"), "info")
        elif todo:
            yield Task(_("Kommentarene er klare til å frigis"), wave.code, url_for("texts.index"), "info")


def _directors() -> Iterator[Task]:
    year = clock.today().year
    mine = rights(year)
    cards = cards_of(session(), period=year, tree=mine.tree, codes=mine.approvable)
    if n := len(waiting(cards.values())):
        heading = ngettext(
            "%(num)s styringskort venter på godkjenning", "%(num)s styringskort venter på godkjenning", n
        )
        yield Task(heading, str(year), url_for("scorecards.index", period=year), "warning")


def _administrators() -> Iterator[Task]:
    n_units = len(unit_tree())
    if n_units < 2:  # the first administrator needs one to stand on
        text = _("Alle roller og målinger bygger på enhetene i kommunen.")
        yield Task(_("Les inn enhetene"), text, url_for("units.upload"), "warning")
    if n_units and has_one_account(session()):
        text = _("Foreløpig er det bare du som kan logge inn.")
        yield Task(_("Lag brukere"), text, url_for("account_admin.new"), "info")
    yield from _late_deletions()
    if n := n_mails(session(), state=MailState.DEAD):
        heading = ngettext("%(num)s e-post kunne ikke sendes", "%(num)s e-poster kunne ikke sendes", n)
        yield Task(heading, _("Se hva som gikk galt, og prøv igjen."), url_for("outbox.index"), "danger")


def _late_deletions() -> Iterator[Task]:
    """What was promised to be deleted and is not."""
    look = _("Surveyor prøver igjen hver tredje time. Se i loggen på serveren hva som er galt.")
    keys = _("Surveyor prøver igjen hver tredje time. Se til at nøkkelmappene er på plass og kan endres.")
    for kind, heading, text in (
        (DESTROY_KEYS, _("Nøkkelen til en måling er ikke slettet ennå"), keys),
        (RETENTION, _("En liste over deltakere er ikke slettet i tide"), look),
        (ERASE, _("Svarene i en måling er ikke slettet i tide"), look),
    ):
        if n_failing(session(), kind=kind):
            yield Task(heading, text, url_for("audit.index"), "danger")


def _kind_name(kind: FormKind) -> str:
    return str(_("Internkontroll") if kind is FormKind.INTERNAL_CONTROL else _("IT-sikkerhet"))


SOURCES: tuple[tuple[Role, Callable[[], Iterator[Task]]], ...] = (
    (Role.LEADER, _new_results),
    (Role.LEADER, _leaders),
    (Role.CONTROLLER, _controllers),
    (Role.SURVEY_ADMIN, _survey_administrators),
    (Role.SURVEY_ADMIN, _moderators),
    (Role.SURVEY_ADMIN, _approvals),
    (Role.HR, _approvals),
    (Role.HR, _moderators),
    (Role.SCORECARD_OFFICE, _scorecard_office),
    (Role.DIRECTOR, _directors),
    (Role.DIRECTOR, _new_results),
    (Role.ADMIN, _administrators),
)
