"""What of the analysis no page and no file uses is named in the documentation, with the reason."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DEFINED = {
    node.name: node
    for path in (ROOT / "analysis").glob("*.py")
    for node in ast.parse(path.read_text(encoding="utf-8")).body
    if isinstance(node, ast.FunctionDef | ast.ClassDef)
}


def named(tree: ast.AST) -> set[str]:
    """Every name and attribute in a piece of code."""
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return found | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def imported(tree: ast.Module) -> Iterator[str]:
    """What a module takes of the analysis, by name or as an attribute of one of its modules."""
    taken = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("analysis")
        for alias in node.names
    }
    yield from taken
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in taken:
            yield node.attr


def used() -> set[str]:
    """Everything the product reaches, from what it imports on."""
    files = [path for room in ("surveyor", "blueprints", "forms") for path in (ROOT / room).rglob("*.py")]
    files += (ROOT / "analysis" / "disclosure").glob("*.py")
    waiting = {name for path in files for name in imported(ast.parse(path.read_text(encoding="utf-8")))}
    found: set[str] = set()
    while waiting := (waiting & DEFINED.keys()) - found:
        found |= waiting
        waiting = {name for one in waiting for name in named(DEFINED[one])}
    return found


def test_what_waits_for_a_page_is_told_with_the_reason() -> None:
    functions = {name for name, node in DEFINED.items() if isinstance(node, ast.FunctionDef)}
    waiting = {name for name in functions - used() if not name.startswith("_")}
    told = (ROOT / "docs/statistics.md").read_text(encoding="utf-8").partition("| waits |")[2]
    cells = [line.split("|")[1] for line in told.partition("\n\n")[0].splitlines()[2:]]
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == waiting
    assert {"mann_whitney", "bootstrap_weights", "clustered_of_figures"} <= used()
