"""The log in words: whom and what an entry is about, and what its details say."""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from blueprints import filters
from blueprints.access import unit_tree
from blueprints.request_scope import session
from surveyor.accounts.enums import Role
from surveyor.accounts.spec import ROLE_NAMES
from surveyor.audit.models import AuditEntry
from surveyor.campaigns.queries import waves
from surveyor.cases.queries import subject_names

LONGEST_VALUE = 80
KEYS = {
    "closes": _("siste svardag"),
    "code": _("kode"),
    "deadline_on": _("frist"),
    "due_on": _("frist"),
    "fields": _("felt"),
    "file": _("fil"),
    "format": _("filtype"),
    "instrument": _("spørreskjema"),
    "kind": _("type"),
    "later": _("senere måling"),
    "manifest_sha256": _("kontrollsum"),
    "mode": _("måte"),
    "n_added": _("lagt til"),
    "n_answers": _("svar"),
    "n_cases": _("skjema"),
    "n_cells": _("tall"),
    "n_comments": _("kommentarer"),
    "n_changed": _("endret"),
    "n_deviations": _("avvik"),
    "n_ended": _("avsluttet"),
    "n_invited": _("inviterte"),
    "n_letters": _("brev"),
    "n_lines": _("linjer"),
    "n_mails": _("e-poster"),
    "n_merged": _("slått sammen"),
    "n_moved": _("flyttet"),
    "n_new": _("nye"),
    "n_people": _("personer"),
    "n_population": _("personer målingen gjelder"),
    "n_started": _("nye"),
    "n_units": _("enheter"),
    "n_values": _("verdier"),
    "name": _("navn"),
    "number": _("versjon"),
    "on": _("fra"),
    "outcome": _("utfall"),
    "parent": _("overordnet"),
    "parts": _("deler"),
    "period": _("år"),
    "rev": _("utgave"),
    "revision": _("utgave"),
    "role": _("rolle"),
    "sha256": _("kontrollsum"),
    "size": _("størrelse"),
    "sources": _("kilder"),
    "survey": _("undersøkelse"),
    "title": _("tittel"),
    "type": _("type"),
    "unit": _("enhet"),
    "unit_type": _("enhetstype"),
    "variables": _("variabler"),
    "version": _("versjon"),
}
_VALUES = {
    "kind": {
        "internal_control": _("internkontroll"), "it_security": _("IT-sikkerhet"),
        "invitation": _("invitasjon"), "reminder": _("påminnelse"), "account_link": _("engangslenke"),
        "case_sent": _("skjema å fylle ut"), "case_reminder": _("påminnelse om skjema"),
        "case_returned": _("skjema sendt tilbake"), "simple": _("enkelt utvalg"),
        "stratified": _("stratifisert utvalg"), "cluster": _("klyngeutvalg"),
    },
    "mode": {"web": _("på nett"), "paper": _("på papir"), "telephone": _("på telefon")},
    "outcome": {"released": _("resultatene er frigitt"), "too_few": _("for få svarte")},
    "unit_type": {"": _("alle")},
    "fields": {
        "name": _("navn"), "perspective": _("perspektiv"), "source": _("kilde"),
        "direction": _("hva som er best"), "target": _("måltall"), "green_from": _("grønt fra"),
        "yellow_from": _("gult fra"), "measured_in": _("måles i"), "unit_types": _("enhetstyper"),
        "opens": _("første svardag"), "closes": _("siste svardag"), "units": _("enheter"),
        "k_mean": _("grense for gjennomsnitt"), "k_spread": _("grense for fordelinger"),
        "open_link": _("åpen lenke"), "two_approvers": _("to må godkjenne åpningen"),
        "instrument": _("spørreskjema"),
    },
}  # fmt: skip
_DAYS = frozenset({"closes", "deadline_on", "due_on", "on"})
_UNITS = frozenset({"unit", "parent", "sources"})


def subjects(entries: Iterable[AuditEntry]) -> dict[UUID, str]:
    """What each entry is about, by the entry's id: a name wherever one is still known."""
    entries = list(entries)
    ids = {found for one in entries if (found := _as_id(one.subject_id))}
    names = subject_names(session(), ids=ids) | {one.id: one.code for one in waves(session())} if ids else {}
    return {one.id: _subject(one, names) for one in entries}


def in_words(entry: AuditEntry) -> str:
    """Details as a reader understands them; identifiers and purposes stay in the database."""
    said = [entry.subject_id]
    if _as_id(entry.subject_id) and "code" in entry.details:
        said.append(entry.details["code"])
    parts = [
        f"{KEYS[key]}: {text}"
        for key, value in entry.details.items()
        if key in KEYS and value not in said and (text := _value(key, value))
    ]
    return ", ".join(parts)


def _subject(entry: AuditEntry, names: Mapping[UUID, str]) -> str:
    subject_id = _as_id(entry.subject_id)
    if subject_id:
        return _short(names.get(subject_id) or str(entry.details.get("code") or str(subject_id)[:8]))
    if entry.subject_type == "unit":
        return _unit(entry.subject_id)
    if entry.subject_type == "card_template" and entry.subject_id == "*":
        return str(gettext("Grunnmal for alle"))
    return entry.subject_id


def _value(key: str, value: object) -> str:
    if value is None or (value in ("", []) and key != "unit_type"):
        return ""
    if isinstance(value, list):
        texts = (_value(key, one) for one in value)
        return _short(", ".join(text for text in texts if text))
    return _short(_one_value(key, str(value)))


def _one_value(key: str, text: str) -> str:
    if key == "role" and text in list(Role):
        return str(gettext(ROLE_NAMES[Role(text)]))
    if key in _VALUES:
        return str(_VALUES[key].get(text, "" if key == "fields" else text))
    if key in _DAYS:
        return _day(text)
    if key in _UNITS:
        return _unit(text)
    if key == "size" and text.isdigit():
        return str(gettext("%(kb)s kB", kb=max(1, int(text) // 1024)))
    return text[:8] if key.endswith("sha256") else text


def _unit(code: str) -> str:
    nodes = unit_tree().nodes
    return nodes[code].name if code in nodes else code


def _day(text: str) -> str:
    try:
        return filters.day(date.fromisoformat(text[:10]))
    except ValueError:
        return text


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
