"""Keying a paper sheet: every question one short field that takes what is printed in the boxes."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import Field, RadioField, StringField
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta

from forms.base import Form, at_most, options, required
from surveyor.instruments.answers import MAX_TEXT, value_problem
from surveyor.instruments.enums import ItemType
from surveyor.instruments.paper.keys import is_written, keyed_options, stored_value, typed_value
from surveyor.instruments.paper.sheet import Question, Sheet, printed_items, sheet
from surveyor.instruments.spec import Answers, Item, Questionnaire
from surveyor.responses.spec import is_too_long

FIRST, SECOND, OTHER = "forste", "andre", "annet"


class SheetCodeForm(Form):
    """The code that stands on a sheet."""

    code = StringField(
        _("Koden på arket"),
        description=_("Store og små bokstaver er like, og strekene kan du sløyfe."),
        validators=[required(_("Skriv koden som står på arket.")), at_most(40, _("Koden er for lang."))],
    )


class KeyedField(Field):  # type: ignore[misc]  # WTForms has no types
    """An answer typed by its key; the data is the answer in stored form."""

    def __init__(self, *, item: Item, questionnaire: Questionnaire, **bound: Any) -> None:
        super().__init__(**bound)
        self.item, self.questionnaire = item, questionnaire
        if item.type is ItemType.TEXT:
            self.flags.maxlength = MAX_TEXT

    def process_data(self, value: Any) -> None:
        self.data = value or ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = valuelist[0] if valuelist and isinstance(valuelist[0], str) else ""
        self.data = stored_value(self.questionnaire, self.item, typed)

    def _value(self) -> str:
        return typed_value(self.questionnaire, self.item, str(self.data))

    @property
    def longest_key(self) -> int:
        """How many signs an answer has at most; 0 where it is written out."""
        if not self.item.selects or is_written(self.questionnaire, self.item):
            return 0
        return max(len(each.key) for each in keyed_options(self.questionnaire, self.item))

    @property
    def is_one_key(self) -> bool:
        """True where one sign is the whole answer, so that the script may move on by itself."""
        return self.item.type is ItemType.SELECT_ONE and self.longest_key == 1

    def has_fault(self) -> bool:
        """Say what is wrong with what was typed, if anything."""
        problem = value_problem(self.questionnaire, self.item, self.data)
        if problem:
            self.errors = [gettext(problem.message, **problem.params)]
        elif self.item.type is ItemType.TEXT and is_too_long(self.data):
            self.errors = [gettext("Teksten er for lang.")]
        return bool(self.errors)


class _Meta(DefaultMeta):  # type: ignore[misc]  # WTForms has no types
    locales = False


class KeyingForm(BaseForm):  # type: ignore[misc]  # WTForms has no types
    """A whole sheet in one language. `answers` is what has been typed, in stored form."""

    questionnaire: Questionnaire
    language: str
    unbound: Mapping[str, UnboundField]

    def __init__(self, formdata: Any = None) -> None:
        super().__init__(self.unbound, prefix="q-", meta=_Meta())
        self.process(formdata)

    @property
    def sheet(self) -> Sheet:
        """What is printed on the paper."""
        return sheet(self.questionnaire, self.language)

    @property
    def answers(self) -> dict[str, str]:
        """The answers, with how often repeated groups were filled in."""
        return self.typed | _turns(self.questionnaire, self.typed)

    @property
    def typed(self) -> dict[str, str]:
        """What has been typed, question by question."""
        return {name: field.data for name, field in self._fields.items() if field.data}

    def validate(self) -> bool:
        """True when every answer could be read; else its field says what is wrong."""
        return not [field for field in self._fields.values() if field.has_fault()]

    def question(self, name: str) -> Question:
        """The printed question behind a field; raises KeyError."""
        return {each.name: each for each in self.sheet.questions}[name]


@lru_cache(maxsize=64)
def keying_form_class(questionnaire: Questionnaire, language: str) -> type[KeyingForm]:
    """The form of a questionnaire's sheet in a language, made once."""
    unbound = {
        question.name: UnboundField(
            KeyedField,
            item=questionnaire.item(question.name),
            questionnaire=questionnaire,
            label=f"{question.number}. {question.label}",
        )
        for question in sheet(questionnaire, language).questions
    }
    contents = {"questionnaire": questionnaire, "language": language, "unbound": unbound}
    return type("KeyingForm", (KeyingForm,), contents)


class DecisionForm(BaseForm):  # type: ignore[misc]  # WTForms has no types
    """What stands on the paper, where two keyings differ: the first, the second, or something else."""

    def __init__(
        self, keyed: KeyingForm, pairs: Sequence[tuple[Item, str, str]], formdata: Any = None
    ) -> None:
        self.pairs, self.keyed = pairs, keyed
        fields: dict[str, UnboundField] = {}
        for item, first, second in pairs:
            label = keyed[item.name].label.text
            choices = [
                (FIRST, gettext("Første tasting: %(answer)s", answer=self._said(item, first))),
                (SECOND, gettext("Andre tasting: %(answer)s", answer=self._said(item, second))),
                (OTHER, gettext("Noe annet:")),
            ]
            fields[item.name] = RadioField(label, choices=options(choices), validate_choice=False)
            fields[f"{OTHER}-{item.name}"] = UnboundField(
                KeyedField,
                item=item,
                questionnaire=keyed.questionnaire,
                label=gettext("Det som står på arket"),
            )
        super().__init__(fields, prefix="valg-", meta=_Meta())
        self.process(formdata)

    def other(self, name: str) -> KeyedField:
        """The field for an answer that neither keying has."""
        return cast(KeyedField, self[f"{OTHER}-{name}"])

    def validate(self) -> bool:
        """True when every difference is decided, and every answer typed anew could be read."""
        for item, _first, _second in self.pairs:
            if self[item.name].data not in (FIRST, SECOND, OTHER):
                self[item.name].errors = [gettext("Se på arket og velg hva som er riktig.")]
            elif self[item.name].data == OTHER:
                self.other(item.name).has_fault()
        return not self.errors

    @property
    def answers(self) -> dict[str, str]:
        """The answers of the second keying with every difference settled."""
        settled = dict(self.keyed.typed)
        for item, first, second in self.pairs:
            choice = self[item.name].data
            settled[item.name] = {FIRST: first, SECOND: second}.get(choice, self.other(item.name).data)
        settled = {name: value for name, value in settled.items() if value}
        return settled | _turns(self.keyed.questionnaire, settled)

    def _said(self, item: Item, stored: str) -> str:
        """An answer as typed, with its words."""
        questionnaire, language = self.keyed.questionnaire, self.keyed.language
        if not stored:
            return str(gettext("tomt"))
        typed = typed_value(questionnaire, item, stored)
        if not item.selects or item.type is ItemType.RANK:
            return typed
        labels = {
            each.code: questionnaire.text(each.label, language) for each in questionnaire.categories(item)
        }
        codes = [stored] if item.type is ItemType.SELECT_ONE else stored.split()
        return f"{typed} ({', '.join(labels.get(code, code) for code in codes)})"


def _turns(questionnaire: Questionnaire, answers: Answers) -> dict[str, str]:
    """How many turns of each repeated group were filled in, where the respondent chooses."""
    found: dict[str, int] = {}
    for item in printed_items(questionnaire):
        if answers.get(item.name):
            while item.repeat:
                found[item.repeat] = max(found.get(item.repeat, 1), item.places[-1])
                item = questionnaire.item(item.repeat)
    return {name: str(n) for name, n in found.items() if questionnaire.item(name).answerable}
