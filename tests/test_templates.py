"""Lint of all templates, with negative controls: nothing inline or unescaped, every page in the layout."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
FILES = sorted(TEMPLATES.rglob("*.html"))
PAGES = [f for f in FILES if not f.name.startswith("_")]
LAYOUTS = {"base.html", "respondent.html", "layout.html"}
SANITISERS = {"markup.py", "sanitiser.py"}
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)

FORBIDDEN = {
    "style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "event attribute": re.compile(r"\son[a-z]+\s*=\s*[\"'{]", re.IGNORECASE),
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)[^>]*>", re.IGNORECASE),
    "inline style sheet": re.compile(r"<style\b", re.IGNORECASE),
    "javascript address": re.compile(r"[\"']\s*javascript:", re.IGNORECASE),
    "unescaped output": re.compile(r"\|\s*safe\b|\bMarkup\("),
    "autoescape switched off": re.compile(r"\{%-?\s*autoescape\s+false", re.IGNORECASE),
    "something fetched from elsewhere": re.compile(
        r"<(?:script|link|img|iframe|source|use)\b[^>]*(?:src|href)=[\"'](?:https?:)?//", re.IGNORECASE
    ),
    "htmx scripting": re.compile(r"\shx-(?:on|vals=[\"']js:)", re.IGNORECASE),
}
BAD_EXAMPLES = {
    "style attribute": '<p class="x" style="color:red">',
    "event attribute": '<button onclick="go()">',
    "inline script": "<script>go()</script>",
    "inline style sheet": "<style>p{}</style>",
    "javascript address": '<a href="javascript:go()">',
    "unescaped output": "{{ text | safe }}",
    "autoescape switched off": "{% autoescape false %}",
    "something fetched from elsewhere": '<script src="https://example.org/x.js"></script>',
    "htmx scripting": '<p hx-on:click="go()">',
}


def faults(source: str) -> list[str]:
    text = COMMENT.sub("", source)
    return [name for name, pattern in FORBIDDEN.items() if pattern.search(text)]


def parent_of(source: str) -> str | None:
    found = re.search(r"\{%-?\s*extends\s+[\"']([^\"']+)[\"']", COMMENT.sub("", source))
    return found[1] if found else None


def reaches_base(name: str, sources: dict[str, str]) -> bool:
    seen: set[str] = set()
    while name != "base.html":
        parent = parent_of(sources.get(name, ""))
        if parent is None or name in seen:
            return False
        seen.add(name)
        name = parent
    return True


@pytest.mark.parametrize("name", FORBIDDEN)
def test_each_rule_catches_its_bad_example(name: str) -> None:
    assert name in faults(BAD_EXAMPLES[name])


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(TEMPLATES)))
def test_template_is_clean(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


def test_templates_have_escaped_extensions() -> None:
    others = [f for f in TEMPLATES.rglob("*") if f.is_file() and f.suffix not in {".html", ".txt"}]
    assert others == []


def test_every_page_extends_the_common_layout() -> None:
    sources = {str(f.relative_to(TEMPLATES)): f.read_text(encoding="utf-8") for f in PAGES}
    assert [name for name in sources if not reaches_base(name, sources)] == []


def test_a_page_outside_the_layout_is_noticed() -> None:
    assert not reaches_base("stray.html", {"stray.html": "<!doctype html><html></html>"})
    assert not reaches_base("loop.html", {"loop.html": '{% extends "loop.html" %}'})


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(TEMPLATES)))
def test_every_page_has_a_title(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert (
        path.name in LAYOUTS
        or "{% block title %}" in source
        or Path(parent_of(source) or "").name not in LAYOUTS
    )


def test_every_post_form_carries_a_csrf_token() -> None:
    token = re.compile(r"csrf_token|csrf\(\)|hidden_tag\(\)")
    bare = [
        str(path.relative_to(TEMPLATES))
        for path in FILES
        for form in re.findall(
            r"<form\b[^>]*method=[\"']post[\"'].*?</form>", path.read_text(encoding="utf-8"), re.DOTALL | re.I
        )
        if not token.search(form)
    ]
    assert bare == []


def test_markup_is_made_in_the_sanitiser_only() -> None:
    python = [f for room in ("surveyor", "forms", "blueprints") for f in (ROOT / room).rglob("*.py")]
    banned = re.compile(
        r"\bMarkup\(|render_template_string|\bfrom_string\(|\bTemplate\(|import .*\bTemplate\b"
    )
    found = {f.name for f in python if banned.search(f.read_text("utf-8"))}
    assert found <= SANITISERS
    assert banned.search("return Markup(words)")  # the control


def test_style_sheets_fetch_nothing_from_elsewhere() -> None:
    sheets = (ROOT / "surveyor" / "static").rglob("*.css")
    outside = re.compile(r"url\(\s*[\"']?(?:https?:)?//|@import", re.IGNORECASE)
    assert [f.name for f in sheets if outside.search(f.read_text("utf-8"))] == []


def test_icons_in_use_are_in_the_sprite() -> None:
    sprite = (ROOT / "surveyor" / "static" / "vendor" / "aksel-icons" / "icons.svg").read_text("utf-8")
    used = {
        name
        for f in FILES
        for name in re.findall(r"\bicon(?:_name)?[(=]\s*[\"']([a-z0-9-]+)[\"']", f.read_text("utf-8"))
    }
    assert used
    assert {name for name in used if f'id="{name}"' not in sprite} == set()
