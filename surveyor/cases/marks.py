"""What the answers of a form say: how far each check is met, and which answers reveal a deviation.

A check is a scored select-one item of substance. Its mark is where the chosen score stands between the lowest
and the highest score of its code list, 0 to 1, turned round for reverse items; "not relevant" has no mark.
A mark in the lowest third of the range (below 1/3, so always the lowest score) is a deviation: "no", but not
"partly" out of yes, partly and no; 1 and 2 out of 1-6.
"""

from dataclasses import dataclass
from fractions import Fraction

from surveyor.instruments.spec import Answers, Item, Questionnaire

LOWEST_THIRD = Fraction(1, 3)
_GAP = "_gap"


@dataclass(frozen=True)
class Mark:
    """One check that was answered."""

    item: Item
    value: Fraction

    @property
    def is_low(self) -> bool:
        """Whether the answer reveals a deviation."""
        return self.value < LOWEST_THIRD


def marks(questionnaire: Questionnaire, answers: Answers) -> tuple[Mark, ...]:
    """The marks of every check answered and relevant, in instrument order."""
    found = (
        (item, mark(questionnaire, item, answers.get(item.name, ""))) for item in questionnaire.scored_items
    )
    return tuple(Mark(item, value) for item, value in found if value is not None)


def mark(questionnaire: Questionnaire, item: Item, code: str) -> Fraction | None:
    """Where an answer stands between the ends of its code list; None for none, unknown or not relevant."""
    category = questionnaire.code_lists[item.code_list].by_code.get(code)
    ends = questionnaire.score_range(item)
    if category is None or category.missing or category.score is None or ends is None:
        return None
    low, high = (Fraction(end) for end in ends)
    value = (Fraction(category.score) - low) / (high - low)
    return 1 - value if item.reverse else value


def description(questionnaire: Questionnaire, item: Item, answers: Answers) -> str:
    """A deviation in the questionnaire's own language: the check, the answer, and what is missing
    (the text item named as the check with `_gap` after it)."""
    language = questionnaire.default_language
    category = questionnaire.code_lists[item.code_list].by_code[answers[item.name]]
    words = f"{questionnaire.text(item.label, language)} – {questionnaire.text(category.label, language)}"
    gap = answers.get(item.name + _GAP, "").strip()
    return f"{words}: {gap}" if gap else words
