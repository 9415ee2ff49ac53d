"""What keeps a sample from being launched as it was declared. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from surveyor.campaigns.enums import SampleKind
from surveyor.campaigns.margins import UNIT_VARIABLE, known_categories
from surveyor.campaigns.spec import SampleDesign, Segment, group_above
from surveyor.errors import N_, Problem
from surveyor.instruments.spec import Questionnaire
from surveyor.units.spec import UnitTree


def sample_refusals(
    design: SampleDesign,
    *,
    has_open_link: bool,
    questionnaire: Questionnaire,
    tree: UnitTree,
    n_by_unit: Mapping[str, int],
    segments: Sequence[Segment],
    k: int,
) -> tuple[Problem, ...]:
    """Everything that would make weights wrong or a person known: with the reason, nothing is repaired."""
    n_invited = sum(n_by_unit.values())
    if not n_invited:
        return (Problem(N_("Målingen har et utvalg. Les inn deltakerne som er trukket.")),)
    parents = {node.code: node.parent for node in tree}
    return (
        *_frame_refusals(design, has_open_link, n_invited),
        *_group_refusals(design, tree, parents, n_by_unit, k),
        *_segment_refusals(design, parents, segments),
        *_margin_refusals(design, questionnaire, tree, parents, n_by_unit),
    )


def _frame_refusals(design: SampleDesign, has_open_link: bool, n_invited: int) -> Iterator[Problem]:
    if has_open_link:
        yield Problem(
            N_("Et utvalg kan ikke ha åpen lenke. Da kan hvem som helst svare, og vektene blir gale.")
        )
    if n_invited > design.n_population:
        message = N_("%(n)s er invitert. Det er flere enn de %(population)s personene målingen gjelder.")
        yield Problem(message, {"n": n_invited, "population": design.n_population})


def _group_refusals(
    design: SampleDesign,
    tree: UnitTree,
    parents: Mapping[str, str | None],
    n_by_unit: Mapping[str, int],
    k: int,
) -> Iterator[Problem]:
    if design.kind is SampleKind.SIMPLE:
        return
    invited: dict[str, int] = defaultdict(int)
    for unit, n in sorted(n_by_unit.items()):
        group = group_above(unit, parents, design.n_by_unit)
        if n and group is None:
            yield Problem(
                N_("Deltakere står på «%(unit)s», som ikke hører til noen enhet i filen."), {"unit": unit}
            )
        elif group is not None:
            invited[group] += n
    for code, size in design.n_by_unit.items():
        words = {
            "unit": tree.nodes[code].name if code in tree else code,
            "n": invited[code],
            "size": size,
            "k": k,
        }
        if invited[code] > size:
            yield Problem(N_("«%(unit)s» har %(n)s inviterte, men bare %(size)s personer i filen."), words)
        elif invited[code] < k:
            message = N_(
                "«%(unit)s» har %(n)s inviterte. Det må være minst %(k)s. Slå enheten sammen med en annen."
            )
            yield Problem(message, words)


def _segment_refusals(
    design: SampleDesign, parents: Mapping[str, str | None], segments: Sequence[Segment]
) -> Iterator[Problem]:
    """An answer carries its segment and nothing else: a segment may not lie across two groups."""
    groupings = [design.n_by_unit] if design.kind is not SampleKind.SIMPLE else []
    if UNIT_VARIABLE in design.margins:
        groupings.append(dict.fromkeys(design.margins[UNIT_VARIABLE], 0))
    for listed in groupings:
        for segment in segments:
            groups = {group_above(unit, parents, listed) for unit in segment.member_units}
            if len(groups | {group_above(segment.unit_code, parents, listed)}) > 1:
                message = N_(
                    "Små enheter lagres samlet, og da blandes %(units)s. Slå dem også sammen i filen."
                )
                yield Problem(message, {"units": ", ".join(segment.member_units)})


def _margin_refusals(
    design: SampleDesign,
    questionnaire: Questionnaire,
    tree: UnitTree,
    parents: Mapping[str, str | None],
    n_by_unit: Mapping[str, int],
) -> Iterator[Problem]:
    known = known_categories(questionnaire, tree)
    for variable, shares in design.margins.items():
        if unknown := [category for category in shares if category not in known.get(variable, ())]:
            message = N_(
                "Fordelingen for «%(variable)s» passer ikke til skjemaet: %(unknown)s. Les den inn på nytt."
            )
            yield Problem(message, {"variable": variable, "unknown": ", ".join(unknown)})
    listed = design.margins.get(UNIT_VARIABLE)
    if listed is None:
        return
    outside = sorted(u for u, n in n_by_unit.items() if n and group_above(u, parents, listed) is None)
    if outside:
        message = N_("Deltakere står på enheter som mangler i fordelingen: %(units)s.")
        yield Problem(message, {"units": ", ".join(outside)})
