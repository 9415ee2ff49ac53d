"""Units as the choices of a list."""

from collections.abc import Callable, Iterable, Sequence

from surveyor.units.spec import UnitNode


def indented(
    nodes: Iterable[UnitNode], *, path: Callable[[str], Sequence[UnitNode]]
) -> list[tuple[str, str]]:
    """Code and name of units in the order given, indented by how far down their path they stand."""
    return [
        (node.code, "\N{EM SPACE}" * (len(path(node.code)) - 1) + f"{node.name} ({node.code})")
        for node in nodes
    ]
