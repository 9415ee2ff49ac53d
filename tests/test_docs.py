"""The documentation is true: links lead somewhere; files, commands, settings and words on pages exist."""

import re
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import click
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from surveyor.cli import main
from surveyor.config import ROOT, Settings

DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
MANUALS = sorted((DOCS / "brukere").glob("*.md"))
IMAGES = sorted((DOCS / "img").glob("*"))
DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
LARGEST_IMAGE = 150_000
FOLDERS = ("analysis", "blueprints", "docs", "forms", "requirements", "surveyor", "templates", "tests")
CALL = re.compile(r"(?:^surveyor|/run cli) ([a-z][^#]*)")
# words of the manuals' own that are emphasised without being on a page
OWN_WORDS = {
    "Har du fått e-post?", "Har du fått brev?", "Er undersøkelsen åpen for alle?",
    "Lage indikatorer.", "Få inn verdier.", "Skrive maler.",
}  # fmt: skip


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def inline(text: str) -> list[Token]:
    """Everything inside paragraphs, cells and headings, flat."""
    return [
        child
        for token in MarkdownIt("commonmark").enable("table").parse(text)
        for child in token.children or ()
    ]


def targets(text: str) -> list[str]:
    """Where links and images lead."""
    found = [token.attrGet("href") or token.attrGet("src") for token in inline(text)]
    return [str(target) for target in found if target]


def code_spans(text: str) -> list[str]:
    return [token.content for token in inline(text) if token.type == "code_inline"]


def code_blocks(text: str, language: str) -> list[str]:
    tokens = MarkdownIt("commonmark").parse(text)
    return [token.content for token in tokens if token.type == "fence" and token.info == language]


def dead_links(page: Path, text: str) -> list[str]:
    local = [target.split("#")[0] for target in targets(text) if "://" not in target]
    return [target for target in local if target and not (page.parent / target).resolve().exists()]


def missing_files(text: str) -> list[str]:
    """Paths in code spans that look like ours and are not there."""
    paths = [span for span in code_spans(text) if span.split("/")[0] in FOLDERS and "/" in span]
    return [path for path in paths if " " not in path and not (ROOT / path).exists()]


def unknown_commands(text: str) -> list[str]:
    """`surveyor ...` and `./run cli ...` that the command line does not know, or not with these options."""
    lines = code_spans(text) + [line for block in code_blocks(text, "sh") for line in block.splitlines()]
    calls = [match.group(1).strip() for line in lines if (match := CALL.search(line))]
    return [call for call in calls if not _is_known(call.split())]


def _is_known(words: list[str]) -> bool:
    command: click.Command | None = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        command = command.get_command(click.Context(command), words.pop(0))
    if command is None:
        return False
    options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    return all(word in options for word in words if word.startswith("--"))


def bold_words(text: str) -> list[str]:
    """What a manual says stands on a page."""
    tokens = inline(text)
    return [tokens[n + 1].content for n, token in enumerate(tokens) if token.type == "strong_open"]


@pytest.fixture(scope="module")
def sources() -> str:
    """Everything that can put words on a page."""
    files = [
        path
        for folder, ending in (
            ("templates", "html"),
            ("blueprints", "py"),
            ("forms", "py"),
            ("surveyor", "py"),
        )
        for path in (ROOT / folder).rglob(f"*.{ending}")
    ]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("document", PAGES, ids=name)
def test_links_files_and_commands_are_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert dead_links(document, text) == []
    assert missing_files(text) == []
    assert unknown_commands(text) == []


@pytest.mark.parametrize("document", MANUALS, ids=name)
def test_words_in_bold_stand_on_a_page(document: Path, sources: str) -> None:
    words = bold_words(document.read_text(encoding="utf-8"))
    assert [word for word in words if word not in OWN_WORDS and word.rstrip(".,:") not in sources] == []


def test_every_setting_is_explained() -> None:
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    spans = set(code_spans(text))
    assert [f.name for f in fields(Settings) if f.name not in {*spans, "instance", "demo"}] == []


def commands_of(group: click.Group, *above: str) -> Iterator[str]:
    """Every command of a group and of those within it, by all its words."""
    for word in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), word)
        if isinstance(command, click.Group):
            yield from commands_of(command, *above, word)
        else:
            yield " ".join(("surveyor", *above, word))


def test_every_command_is_explained() -> None:
    spans = code_spans((DOCS / "operations.md").read_text(encoding="utf-8"))
    known = list(commands_of(main))
    assert "surveyor waves close" in known
    assert [one for one in known if not any(f"{span} ".startswith(f"{one} ") for span in spans)] == []


def test_pictures_are_small_and_used() -> None:
    used = {
        (page.parent / target).resolve()
        for page in PAGES
        for target in targets(page.read_text(encoding="utf-8"))
    }
    assert [name(image) for image in IMAGES if image.stat().st_size > LARGEST_IMAGE] == []
    assert [name(image) for image in IMAGES if image not in used] == []


def test_decisions_are_numbered_listed_and_of_one_shape() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    listed = targets((DOCS / "decisions" / "README.md").read_text(encoding="utf-8"))
    assert listed == [path.name for path in DECISIONS]
    for path in DECISIONS:
        headings = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequence"], path.name


def untrue_of_the_gate(text: str) -> list[str]:
    """Thresholds with another value in the code, tests that are not there, modules that are not told."""
    told = re.findall(r"^\| `(\w+)` \| ([\d.]+) \| `([\w/]+)\.py` \|", text, re.MULTILINE)
    values = [(name, one, getattr(import_module(path.replace("/", ".")), name)) for name, one, path in told]
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = {span for span in code_spans(text) if re.fullmatch(r"test_\w+", span)}
    modules = {path.stem for path in (ROOT / "analysis/disclosure").glob("[a-z]*.py")}
    wrong = [name for name, value, found in values if value != str(found)]
    wrong += sorted(name for name in named if f"def {name}(" not in tests)
    return wrong + sorted(modules - set(code_spans(text))) + ["thresholds"] * (not told)


def test_the_page_on_the_gate_is_true() -> None:
    text = (DOCS / "gate.md").read_text(encoding="utf-8")
    assert untrue_of_the_gate(text) == []
    higher = text.replace("| `K_TEXT` | 10 |", "| `K_TEXT` | 9 |").replace("`layers`", "")  # the control
    assert untrue_of_the_gate(f"{higher} `test_fly`") == ["K_TEXT", "test_fly", "layers"]


def test_no_machine_is_named() -> None:
    pattern = re.compile(r"(^|[\s\"'(`])(/work/|/tmp/|/home/|/root/)")
    assert [name(page) for page in PAGES if pattern.search(page.read_text(encoding="utf-8"))] == []


def test_what_is_not_there_is_found(sources: str) -> None:
    """The control."""
    text = "[a](nowhere.md) `surveyor/nothing.py` **Fly bort**\n"
    text += "`surveyor waves fly X` `surveyor waves close X --fast`\n"
    assert dead_links(ROOT / "README.md", text) == ["nowhere.md"]
    assert missing_files(text) == ["surveyor/nothing.py"]
    assert unknown_commands(text) == ["waves fly X", "waves close X --fast"]
    assert unknown_commands("```sh\n./run cli fly\n```\n") == ["fly"]
    assert [word for word in bold_words(text) if word not in sources] == ["Fly bort"]
