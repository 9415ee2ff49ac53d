"""What a card would be at this moment: indicators that apply, templates that arrange them, values in force.

Pure: rows in, cards out. An indicator's unit types decide whether it is on a card. The template of the unit's
type says the goal it serves, its target and its place; where that is silent, the skeleton does. Indicators on
neither come last. An empty green limit means that the target is where green begins.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from surveyor.indicators.bands import band
from surveyor.indicators.enums import Perspective
from surveyor.indicators.models import Indicator, IndicatorValue
from surveyor.indicators.queries import Place
from surveyor.indicators.spec import applies_to
from surveyor.scorecards.models import CardTemplate, TemplateLine
from surveyor.scorecards.spec import CardLine
from surveyor.units.spec import UnitNode

SKELETON = ""
_LAST = 1_000_000
_PERSPECTIVES = list(Perspective)


@dataclass(frozen=True)
class Design:
    """Everything that decides what stands on cards, but for the values."""

    indicators: Sequence[Indicator]
    templates: Mapping[str, CardTemplate]

    def vision(self, unit_type: str) -> str:
        """The vision of a type, else of the skeleton."""
        own, shared = self.templates.get(unit_type), self.templates.get(SKELETON)
        return (own.vision if own else "") or (shared.vision if shared else "")

    def arranged(self, unit_type: str) -> list[tuple[Indicator, TemplateLine | None]]:
        """Indicators of a type with what a template says of them, in the order of the card."""
        said = _lines(self.templates.get(SKELETON)) | _lines(self.templates.get(unit_type))
        mine = [one for one in self.indicators if applies_to(one.unit_types, unit_type)]
        found = [(one, said.get(one.id)) for one in mine]
        return sorted(found, key=lambda pair: _place(*pair))


def card_lines(
    design: Design, unit: UnitNode, period: int, values: Mapping[Place, IndicatorValue]
) -> tuple[CardLine, ...]:
    """The lines of a unit's card with the values of a year and of the year before."""
    return tuple(
        _line(position, indicator, line, values.get((indicator.id, unit.id, period)),
              values.get((indicator.id, unit.id, period - 1)))
        for position, (indicator, line) in enumerate(design.arranged(unit.type))
    )  # fmt: skip


def _lines(template: CardTemplate | None) -> dict[UUID, TemplateLine]:
    lines: Iterable[TemplateLine] = template.lines if template else ()
    return {line.indicator_id: line for line in lines}


def _place(indicator: Indicator, line: TemplateLine | None) -> tuple[int, int, int, str]:
    place = line.position if line else _LAST
    return _PERSPECTIVES.index(indicator.perspective), place, indicator.position, indicator.code


def _line(
    position: int,
    indicator: Indicator,
    line: TemplateLine | None,
    now: IndicatorValue | None,
    before: IndicatorValue | None,
) -> CardLine:
    target = indicator.target if line is None or line.target is None else line.target
    value, low, high = (now.value, now.low, now.high) if now else (None, None, None)
    light = band(
        value, low, high, direction=indicator.direction,
        green_from=target if indicator.green_from is None else indicator.green_from,
        yellow_from=indicator.yellow_from,
    )  # fmt: skip
    return CardLine(
        indicator.id, position, indicator.perspective, line.goal if line else "",
        line.success_factor if line else "", indicator.code, indicator.name, indicator.measured_in, target,
        value, now.n if now else None, low, high, light, before.value if before else None,
        now.source if now else "", now.release_sha256 if now else None,
    )  # fmt: skip
