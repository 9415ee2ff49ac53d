"""Imports an XLSForm workbook or markdown file: a questionnaire with notices, or every problem."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from surveyor.errors import N_, InvalidInput, Problem
from surveyor.instruments.columns import (
    Column,
    Headings,
    columns,
    is_language_code,
    language_code,
    languages,
    settings_of,
)
from surveyor.instruments.enums import ItemType
from surveyor.instruments.expressions.checks import Known, Written, expression_problems
from surveyor.instruments.findings import CODE, Findings
from surveyor.instruments.logic import INSERTED, is_worked_out
from surveyor.instruments.spec import CodeList, Item, Page, Questionnaire, Scale, Text
from surveyor.instruments.workbook import Row, Sheet, read_workbook
from surveyor.instruments.xlsform_choices import code_lists, file_list, scale_labels
from surveyor.instruments.xlsform_media import Media, MediaFile, attached_files
from surveyor.instruments.xlsform_pages import Group, Question, pages_of, read_tree, walk_tree
from surveyor.instruments.xlsform_rows import COLUMNS as SURVEY_COLUMNS
from surveyor.instruments.xlsform_unused import note_settings, without_last_saved

MAX_ITEMS = 2_000
_NOT_IN_CODES = re.compile(r"[^A-Za-z0-9_.\-]+")
_EXPRESSIONS = {
    "relevant": True,
    "constraint": False,
    "calculation": True,
    "required": False,
    "default": False,
    "choice_filter": False,
}
_SETTINGS_KEPT = ("version", "style", "instance_name", "outcome")
LEFT_OUT = "left_out"


@dataclass(frozen=True)
class Imported:
    """A questionnaire as read, and what the author should know about what was left out."""

    questionnaire: Questionnaire
    notices: tuple[Problem, ...] = ()
    files: Mapping[str, MediaFile] = field(default_factory=dict)
    """Pictures, sounds and films by their SHA-256."""


def read_xlsform(content: bytes, *, filename: str, code: str | None = None) -> Imported:
    """The questionnaire in a file; raises InvalidInput with every problem and its sheet, row and column."""
    sheets = read_workbook(content, filename)
    survey = sheets.get("survey")
    if survey is None or not survey.rows:
        raise InvalidInput(N_("Filen mangler arket «survey» med spørsmålene."))
    if missing := [name for name in ("type", "name") if name not in {c.name for c in columns(survey)}]:
        message = N_("Arket mangler kolonnen «%(name)s».")
        raise InvalidInput(*(Problem(message, {"name": n}, "survey", survey.heading_row, n) for n in missing))
    return _Import(sheets, survey, attached_files(content)).read(filename, code)


class _Import:
    def __init__(self, sheets: Mapping[str, Sheet], survey: Sheet, attached: Mapping[str, bytes]) -> None:
        self._sheets, self._survey = sheets, survey
        self._found = {
            name: columns(sheets.get(name))
            for name in ("survey", "choices", "external_choices", "scales", "settings")
        }
        self._settings = settings_of(sheets.get("settings"), self._found["settings"])
        named = languages(self._found.values())
        chosen = language_code(self._settings.get("default_language", ""))
        self._default = chosen if chosen and is_language_code(chosen) else next(iter(named), "nb")
        self._languages = tuple(dict.fromkeys((self._default, *named)))
        self._findings = Findings(left_out=set(self._settings.get(LEFT_OUT, "").split()))
        self._media = Media(attached, self._findings)

    def _headings(self, sheet: str) -> Headings:
        return Headings(self._found[sheet], self._default)

    def read(self, filename: str, code: str | None) -> Imported:
        headings, findings = self._headings("survey"), self._findings
        self._check_columns()
        note_settings(self._sheets.get("settings"), self._found["settings"], findings)
        lists = self._lists()
        rows = without_last_saved(self._survey.rows, headings, findings)
        tree = read_tree(rows, headings, lists, findings, self._media)
        self._check_names(tree, headings)
        self._check_expressions(tree, headings, lists)
        pages = pages_of(tree, findings)
        scales = self._scales(tree)
        self._check_outcome(pages, scales)
        if not any(item.answerable for page in pages for item in page.items):
            findings.problems.append(Problem(N_("Skjemaet har ingen spørsmål."), sheet="survey"))
        if findings.problems:
            raise InvalidInput(*sorted(findings.problems, key=lambda p: (p.sheet or "", p.row or 0)))
        return self._finished(filename, code, pages, lists, scales)

    def _lists(self) -> dict[str, CodeList]:
        found = code_lists(
            self._sheets.get("external_choices"), self._headings("external_choices"), self._findings,
            self._media,
        )  # fmt: skip
        found |= code_lists(
            self._sheets.get("choices"), self._headings("choices"), self._findings, self._media
        )
        for sheet in self._sheets.values():
            if sheet.file:
                headings = Headings(columns(sheet), self._default)
                found[sheet.name] = file_list(sheet, sheet.file, headings, self._findings)
        return found

    def _finished(
        self,
        filename: str,
        code: str | None,
        pages: Sequence[Page],
        lists: Mapping[str, CodeList],
        scales: Sequence[Scale],
    ) -> Imported:
        used = {item.code_list for page in pages for item in page.items if item.code_list}
        own_code = self._code(filename, code)
        questionnaire = Questionnaire(
            code=own_code,
            title=self._title(own_code),
            languages=self._languages,
            default_language=self._default,
            pages=tuple(pages),
            code_lists={name: entry for name, entry in lists.items() if name in used or entry.source},
            scales=tuple(scales),
            settings=self._kept_settings(),
            files=dict(sorted(self._media.names.items())),
        )
        self._note_missing_words(questionnaire)
        return Imported(questionnaire, tuple(self._findings.notices), self._media.files)

    def _kept_settings(self) -> Mapping[str, str]:
        """Settings that count, and the names of rows left out that an expression still reads."""
        kept = {name: self._settings[name] for name in _SETTINGS_KEPT if name in self._settings}
        cells = "\n".join(cell for row in self._survey.rows for cell in row.cells.values())
        read = {match[1] for match in INSERTED.finditer(cells)} & self._findings.left_out
        return {**kept, LEFT_OUT: " ".join(sorted(read))} if read else kept

    def _code(self, filename: str, code: str | None) -> str:
        written = code or self._settings.get("code") or _code_of(filename)
        if CODE.fullmatch(written):
            return written
        message = N_("«%(code)s» kan ikke være en kode. Bruk bokstavene a–z, tall, bindestrek og understrek.")
        raise InvalidInput(Problem(message, {"code": written[:80]}, sheet="settings", column="form_id"))

    def _title(self, code: str) -> Text:
        sheet = self._sheets.get("settings")
        if not sheet or not sheet.rows:
            return {self._default: code}
        headings, row = self._headings("settings"), sheet.rows[0]
        title = {**headings.text(row, "translated_title"), **headings.text(row, "title")}
        return {language: title[language] for language in self._languages if language in title} or {
            self._default: code
        }

    def _check_columns(self) -> None:
        wanted = {"survey": SURVEY_COLUMNS, "choices": frozenset(c.name for c in self._found["choices"])}
        for name, known in wanted.items():
            for column in self._found[name]:
                if column.name == "media":
                    self._note_media(name, column)
                elif column.name not in known:
                    self._unused(name, column)
        for found in self._found.values():
            for column in found:
                if column.language and not is_language_code(column.language):
                    message = N_("Skriv språkets kode i parentes, for eksempel «Norsk bokmål (nb)».")
                    self._findings.problems.append(Problem(message, {}, None, None, column.heading))

    def _note_media(self, sheet: str, column: Column) -> None:
        message = N_("«%(file)s» vises ikke. Bilder, lyd og film må stå i kolonner som media::image.")
        for row in self._sheets[sheet].rows:
            if file := row.get(column.heading):
                self._findings.notice(row, column.heading, message, file=file[:80])

    def _unused(self, sheet: str, column: Column) -> None:
        row = Row(sheet, self._sheets[sheet].heading_row, {})
        self._findings.notice(
            row, column.heading, N_("Kolonnen «%(name)s» er ikke brukt."), name=column.heading
        )

    def _check_names(self, tree: Group, headings: Headings) -> None:
        seen: set[str] = set()
        entries = list(walk_tree(tree))
        for _, entry in entries:
            name = entry.item.name if isinstance(entry, Question) else entry.name
            if name in seen and entry.row:
                message = N_("Navnet «%(name)s» er brukt før.")
                self._findings.problem(entry.row, headings.heading("name"), message, name=name)
            seen.add(name)
        if len(entries) > MAX_ITEMS:
            self._findings.problems.append(
                Problem(N_("Skjemaet har flere enn %(limit)s rader."), {"limit": MAX_ITEMS}, sheet="survey")
            )

    def _check_expressions(self, tree: Group, headings: Headings, lists: Mapping[str, CodeList]) -> None:
        written: list[Written] = []
        known: dict[str, Known] = {}
        inside: dict[str, str] = {}
        for group, entry in walk_tree(tree):
            name = entry.item.name if isinstance(entry, Question) else entry.name
            if group.name:
                inside[name] = group.name
            if isinstance(entry, Question):
                known[name] = _known(entry.item, lists)
                written += _written(entry.row, entry.item, headings)
                continue
            if entry.is_repeat:
                known[name] = Known(ItemType.REPEAT)
            written += _group_expressions(entry, headings)
        for name in self._findings.left_out:
            known.setdefault(name, Known(ItemType.HIDDEN))
        files = frozenset(name.lower() for name in lists)
        self._findings.problems += expression_problems(written, known, inside, files)
        self._check_instance_name(known, inside, files)

    def _check_instance_name(
        self, known: Mapping[str, Known], inside: Mapping[str, str], files: frozenset[str]
    ) -> None:
        """What a filled form is called is left out where it cannot be worked out."""
        if not (source := self._settings.get("instance_name")):
            return
        row = self._sheets["settings"].rows[0]
        named = Written(source, "", "settings", row.number, "instance_name", draws=True)
        if expression_problems([named], known, inside, files):
            message = N_("Navnet på det utfylte skjemaet (instance_name) kan ikke regnes ut og er utelatt.")
            self._findings.notice(row, "instance_name", message)
            self._settings = {k: v for k, v in self._settings.items() if k != "instance_name"}

    def _scales(self, tree: Group) -> list[Scale]:
        labels = scale_labels(self._sheets.get("scales"), self._headings("scales"), self._findings)
        members: dict[str, list[str]] = {name: [] for name in labels}
        for _, entry in walk_tree(tree):
            if isinstance(entry, Question) and entry.item.scale:
                members.setdefault(entry.item.scale, []).append(entry.item.name)
        for name, (row, _) in labels.items():
            if not members[name]:
                self._findings.notice(row, None, N_("Indeksen «%(name)s» har ingen spørsmål."), name=name)
        texts = {name: text for name, (_, text) in labels.items()}
        found = ((name, items) for name, items in members.items() if items)
        return [Scale(name, texts.get(name, {self._default: name}), tuple(items)) for name, items in found]

    def _check_outcome(self, pages: Sequence[Page], scales: Sequence[Scale]) -> None:
        """The outcome in the settings must be an index or a question."""
        name = self._settings.get("outcome", "")
        names = {item.name for page in pages for item in page.items} | {scale.name for scale in scales}
        if name and name not in names:
            row = Row("settings", self._sheets["settings"].heading_row + 1, {})
            message = N_("«%(name)s» er verken en indeks eller et spørsmål i skjemaet.")
            self._findings.problem(row, "outcome", message, name=name[:80])

    def _note_missing_words(self, questionnaire: Questionnaire) -> None:
        labels = [item.label for item in questionnaire.all_items if item.label]
        labels += [c.label for entry in questionnaire.code_lists.values() for c in entry.categories]
        labels += [page.label for page in questionnaire.pages if page.label]
        for language in self._languages:
            count = sum(language not in label for label in labels)
            if count:
                message = N_(
                    "%(count)s tekster mangler på språket «%(language)s». Teksten på «%(default)s» vises."
                )
                params = {"count": count, "language": language, "default": self._default}
                self._findings.notices.append(Problem(message, params))


def _code_of(filename: str) -> str:
    """A code made of a file's name, for forms without a form_id."""
    stem = unicodedata.normalize("NFKD", PurePath(filename).stem).encode("ascii", "ignore").decode()
    return _NOT_IN_CODES.sub("-", stem).strip("-.")[:64] or "skjema"


def _known(item: Item, lists: Mapping[str, CodeList]) -> Known:
    code_list = lists.get(item.code_list)
    if code_list is None:
        return Known(item.type)
    columns = frozenset(name for category in code_list.categories for name in category.columns)
    return Known(item.type, frozenset(code_list.by_code), columns | {"name", "label"})


def _group_expressions(group: Group, headings: Headings) -> list[Written]:
    sources = {"relevant": group.relevant, "repeat_count": group.count}
    found = ((column, source) for column, source in sources.items() if source)
    return [_at(group.row, group.name, column, source, headings) for column, source in found if group.row] + [
        inserted
        for words in group.label.values()
        for inserted in _inserted(group.row, group.name, "label", words, headings)
    ]


def _written(row: Row, item: Item, headings: Headings) -> list[Written]:
    sources = {name: getattr(item, name) for name in _EXPRESSIONS}
    if not is_worked_out(item.default):
        sources.pop("default")
    found = [_at(row, item.name, name, source, headings) for name, source in sources.items() if source]
    if seed := item.parameters.get("seed"):
        found.append(_at(row, item.name, "parameters", seed, headings))
    found += [_at(row, item.name, "trigger", f"${{{name}}}", headings) for name in item.trigger.split()]
    texts = {"label": item.label, "hint": item.hint, "constraint_message": item.constraint_message}
    for column, text in texts.items():
        for words in text.values():
            found += _inserted(row, item.name, column, words, headings)
    return found


def _inserted(row: Row | None, owner: str, column: str, words: str, headings: Headings) -> list[Written]:
    """What a text puts answers in for, as expressions of their own."""
    if row is None:
        return []
    return [_at(row, owner, column, match[0], headings) for match in INSERTED.finditer(words)]


def _at(row: Row, owner: str, name: str, source: str, headings: Headings) -> Written:
    return Written(
        source,
        owner,
        row.sheet,
        row.number,
        headings.heading(name),
        orders=_EXPRESSIONS.get(name, name == "repeat_count"),
        filters=name == "choice_filter",
        draws=name == "default",
    )
