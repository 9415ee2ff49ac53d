"""What the saving script sends, and what it is told: the answers of a page as its controls post them."""

from dataclasses import dataclass

from forms.answering import StepForm, number_or_none
from forms.answers import PREFIX, AnswerField, PageForm
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Answers


@dataclass(frozen=True)
class SaveForm(StepForm):
    """Changed answers of a page, saved while somebody answers."""

    round: str = ""

    @property
    def seen_round(self) -> int | None:
        """The revision of the sent answer that the window knows of; None when it does not say."""
        return number_or_none(self.round)


def control_values(form: PageForm, answers: Answers) -> dict[str, list[str]]:
    """The stored answers of a page by question; what is chosen is sorted, as the script does."""
    fields = {field.name.removeprefix(PREFIX): field for field in form}
    return {name: _posted(field) for name, field in fields.items() if answers.get(name)}


def _posted(field: AnswerField) -> list[str]:
    if field.item.type is ItemType.RANK:
        return sorted(at.value for _, _, places in field.iter_places() for at in places if at.selected)
    if field.item.type is ItemType.GEOPOINT:
        return list(field.point)
    return sorted(field.data.split()) if field.flags.multiple else [field._value()]
