"""The closed vocabulary of release cells."""

from enum import StrEnum

from analysis.verdicts import Verdict as Verdict


class CellKind(StrEnum):
    """What a cell is about."""

    ITEM = "item"
    SCALE = "scale"
    WAVE = "wave"


class ComparedTo(StrEnum):
    """Against what; empty on bare rows."""

    REST = "rest"
    LAST = "last"


class CellState(StrEnum):
    """A hidden cell holds no number, whatever the reason."""

    SHOWN = "shown"
    HIDDEN = "hidden"


class MomentMeasure(StrEnum):
    """Figures of the class MOMENT; icc1 and icc2 are of a scale over the units below."""

    ALPHA = "alpha"
    ALPHA_WITHOUT = "alpha_without"
    ITEM_REST = "item_rest"
    ICC1 = "icc1"
    ICC2 = "icc2"
    SPEARMAN = "spearman"
    POLYCHORIC = "polychoric"
    EXPLAINED = "explained"
    DRIVER = "driver"
    DRIVER_R = "driver_r"


class WeightProblem(StrEnum):
    """Why a sample has no weights, beside the refusals of analysis.weights."""

    MORE_ANSWERS_THAN_PEOPLE = "more_answers_than_people"
    OUTSIDE_THE_SAMPLE = "outside_the_sample"
    UNIT_WITHOUT_ANSWERS = "unit_without_answers"
    TOO_MANY_UNKNOWN = "too_many_unknown"
    TOO_FEW = "too_few"
