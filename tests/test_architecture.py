"""The walls of the house: who may import whom, how large things may be, what a web process may load."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from importlib import import_module
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import grimp
import pytest

from surveyor.config import ROOT
from surveyor.installation import ensure_instance

PACKAGES = ("analysis", "surveyor", "forms", "blueprints")
FILES = sorted(
    path
    for path in chain.from_iterable((ROOT / package).rglob("*.py") for package in PACKAGES)
    if "versions" not in path.parts
)
FLOORS = {
    "enums": 1, "spec": 1, "models": 2, "queries": 3, "policy": 3, "workflow": 3, "services": 4, "tasks": 4,
}  # fmt: skip
SLOW = ("scipy", "statsmodels", "pandas", "svy", "polars", "typst", "xlsxwriter")
WEB = ("flask", "werkzeug", "jinja2", "wtforms")
VIEW_DECORATORS = {"get", "post", "route"}


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, cache_dir=None)


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            yield node


def n_lines(function: ast.FunctionDef) -> int:
    """Lines from `def` on, docstring left out."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - (body[0].lineno if body else function.lineno) + 2


def name(path: Path, root: Path = ROOT) -> str:
    return str(path.relative_to(root))


def too_large(files: list[Path], root: Path = ROOT) -> list[str]:
    long = [name(path, root) for path in files if len(path.read_text(encoding="utf-8").splitlines()) > 400]
    return long + [
        f"{name(path, root)}:{f.name}" for path in files for f in functions(path) if n_lines(f) > 40
    ]


def test_files_have_at_most_400_lines_and_functions_40() -> None:
    assert too_large(FILES) == []


def test_views_have_at_most_15_lines() -> None:
    views = [(path, f) for path in FILES if path.parent.name == "blueprints" for f in functions(path)]
    decorated = [(path, f) for path, f in views if any(map(_is_route, f.decorator_list))]
    assert decorated
    assert [f"{name(path)}:{f.name}" for path, f in decorated if n_lines(f) - 1 > 15] == []


def _is_route(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Attribute) and called.attr in VIEW_DECORATORS


def test_imports_inside_functions_say_why() -> None:
    pattern = re.compile(r"noqa: PLC0415(?! -- (?:factory|slow import)$)", re.MULTILINE)
    assert [name(path) for path in FILES if pattern.search(path.read_text(encoding="utf-8"))] == []


def unexplained(line: str) -> bool:
    """Whether a line is excepted from the linter or the types without a reason."""
    excepted = re.search(r"# (?:noqa|type: ignore)\b", line)
    return bool(excepted) and not re.search(r"noqa: \w+ -- \w|type: ignore\[[\w,-]+\]  # \w", line)


def test_exceptions_from_linter_and_types_say_why() -> None:
    lines = [(path, line) for path in FILES for line in path.read_text(encoding="utf-8").splitlines()]
    assert [name(path) for path, line in lines if unexplained(line)] == []
    assert unexplained("x = y  # type: ignore[misc]")  # negative control


def floor(module: str) -> int:
    """The floor of a room's module by its name; 0 for those that stand where their imports put them."""
    return FLOORS.get(module.rpartition(".")[2], 0) if module.count(".") == 2 else 0


def leaning(imports: grimp.ImportGraph) -> set[str]:
    """Modules of a floor that import one above it, be it through modules without a floor of their own."""

    def height(module: str, seen: frozenset[str]) -> int:
        below = imports.find_modules_directly_imported_by(module) - seen
        rooms = (one for one in below if one.startswith("surveyor.") and one.count(".") == 2)
        return max((floor(one) or height(one, seen | below) for one in rooms), default=0)

    return {one for one in imports.modules if floor(one) and height(one, frozenset()) > floor(one)}


def test_a_floor_imports_no_floor_above_it(imports: grimp.ImportGraph) -> None:
    assert leaning(imports) == set()
    bent = deepcopy(imports)  # negative control: a query writes, by way of a module without a floor
    bent.add_import(importer="surveyor.units.queries", imported="surveyor.units.rows")
    bent.add_import(importer="surveyor.units.rows", imported="surveyor.units.services")
    assert "surveyor.units.queries" in leaning(bent)


def test_only_fieldwork_sees_both_whom_we_ask_and_what_they_say(imports: grimp.ImportGraph) -> None:
    both = []
    for module in imports.modules:
        seen = imports.find_modules_directly_imported_by(module)
        rooms = {".".join(m.split(".")[:2]) for m in seen if not m.endswith((".enums", ".spec"))}
        if {"surveyor.invitations", "surveyor.responses"} <= rooms:
            both.append(module)
    allowed = ("surveyor.fieldwork.", "surveyor.models", "surveyor.demo.")
    assert [module for module in both if not module.startswith(allowed)] == []
    assert any(module.startswith("surveyor.fieldwork.") for module in both)


def test_what_of_the_analysis_nothing_uses_is_named(imports: grimp.ImportGraph) -> None:
    """A statistic may wait for its page, but the documentation says so."""
    used = {one for one in imports.modules if not one.startswith("analysis.")}
    while more := {m for one in used for m in imports.find_modules_directly_imported_by(one)} - used:
        used |= more
    unused = {one for one in imports.modules if re.fullmatch(r"analysis\.\w+", one)} - used
    told = (ROOT / "docs/statistics.md").read_text(encoding="utf-8").partition("## Beyond the pages")[2]
    named = re.findall(r"`analysis/(\w+)\.py`", told.partition("\n## ")[0])
    assert unused - {"analysis.disclosure"} == {f"analysis.{one}" for one in named}
    assert {"analysis.tables", "analysis.weights"} <= used


def test_forms_know_words_but_no_rows(imports: grimp.ImportGraph) -> None:
    forms = [module for module in imports.modules if module.startswith("forms.")]
    seen = {m for form in forms for m in imports.find_modules_directly_imported_by(form)}
    last = {m.rpartition(".")[2] for m in seen if m.startswith("surveyor.")}
    assert last.isdisjoint({"models", "queries", "services", "tasks", "policy", "db"})


def test_only_the_request_commits() -> None:
    """Services write in the caller's transaction; blueprints leave the commit to request_scope."""
    committing = {
        name(path)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
        if path.parent.name == "blueprints" or path.name in {"services.py", "queries.py", "policy.py"}
    }
    # the receipt may be shown only after COMMIT; with drafts and letters others wait to write meanwhile
    calls_to_the_request_scope = {
        "blueprints/answering.py", "blueprints/visits.py", "blueprints/invitations.py",
    }  # fmt: skip
    assert committing - calls_to_the_request_scope == {"blueprints/request_scope.py"}


def test_only_the_clock_reads_the_clock() -> None:
    """No `datetime.now`, `date.today` or `time.time` elsewhere; `monotonic` only measures."""
    pattern = re.compile(r"\b(?:datetime\.(?:now|utcnow|today)|date\.today|time\.time)\(")
    reading = [name(path) for path in FILES if pattern.search(path.read_text(encoding="utf-8"))]
    assert reading == ["surveyor/clock.py"]


def test_what_tests_share_stands_in_no_test() -> None:
    """A module of tests is imported by nobody: what several need has a module or a conftest beside them."""
    pattern = re.compile(r"^from tests\.(?:\w+\.)*test_\w+ import", re.MULTILINE)
    tests = sorted((ROOT / "tests").rglob("*.py"))
    assert [name(path) for path in tests if pattern.search(path.read_text(encoding="utf-8"))] == []
    assert pattern.search("from tests.forms.test_answers import answers\n")  # negative control


def test_the_import_contracts_hold_and_would_notice(tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("static", "*.pyc"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    assert _lint_imports(tmp_path) == ""
    (tmp_path / "surveyor/units/bad.py").write_text("import flask\nfrom surveyor.exports import results\n")
    (tmp_path / "surveyor/responses/bad.py").write_text("from surveyor.invitations import models\n")
    (tmp_path / "blueprints/bad.py").write_text("import sqlalchemy\nfrom surveyor.cubes import models\n")
    broken = _lint_imports(tmp_path)
    for contract in (
        "Rooms import",
        "Rooms know no web",
        "Blueprints know no database",
        "Nothing above the releases",
    ):
        assert re.search(rf"{contract}.* BROKEN", broken), contract


def _lint_imports(folder: Path) -> str:
    """Nothing when every contract is kept, else what the linter says."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=folder, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


PACKAGES_OF_FLASK = {"werkzeug", "itsdangerous", "jinja2", "markupsafe", "babel"}
UNIMPORTED = {
    "granian",  # is started as a module
    "psycopg",  # is named in the database's address
    "pandas",  # fixed by the customer
}


def imported_packages(files: list[Path]) -> set[str]:
    """The installed packages that files import, by the names they are installed under."""
    known = packages_distributions()
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    names = {one.name for node in nodes if isinstance(node, ast.Import) for one in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    found = {package for name in names for package in known.get(name.partition(".")[0], ())}
    return {re.sub(r"[-_.]+", "-", package).lower() for package in found}


def test_what_is_installed_for_use_is_used_and_what_is_used_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[^\w-]", line)[0] for line in project["dependencies"]}
    used = imported_packages(FILES)
    assert declared - used == UNIMPORTED
    assert used - declared <= PACKAGES_OF_FLASK
    assert "pytest" in imported_packages([Path(__file__)])  # negative control: it would be undeclared


def test_benchmarks_find_what_they_use() -> None:
    found = sorted((ROOT / "benchmarks").rglob("*.py"))
    assert found
    for path in found:
        import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def _loaded(statement: str, instance: Path, *, among: tuple[str, ...] = SLOW) -> set[str]:
    show = f"import sys; {statement}; print(*sorted(m for m in {among} if m in sys.modules))"
    environment = {"SURVEYOR_INSTANCE": str(instance), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", show], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_a_web_process_starts_without_the_slow_libraries(tmp_path: Path) -> None:
    ensure_instance(tmp_path)
    assert _loaded("import wsgi", tmp_path) == set()
    assert _loaded("import wsgi, scipy", tmp_path) == {"scipy"}  # negative control


def test_the_worker_and_the_command_line_start_without_the_web(tmp_path: Path) -> None:
    start = "import surveyor.cli, surveyor.worker; surveyor.worker.load_tasks()"
    assert _loaded(start, tmp_path, among=WEB) == set()
    assert "flask" in _loaded("import flask", tmp_path, among=WEB)  # negative control


def test_the_size_limits_would_notice(tmp_path: Path) -> None:
    path = tmp_path / "big.py"
    path.write_text("def big():\n" + "    x = 1\n" * 41 + "\n" * 400)
    assert too_large([path], tmp_path) == ["big.py", "big.py:big"]
