"""How somebody goes through a questionnaire: page by page, or one question at a time.

Either way the same questions are asked in the same order under the same conditions; only the pages differ.
A first page of nothing but words is told before the questions begin, not as a page of its own.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Grid, Item, Laid, Node, Page, Questionnaire, Repeat, Text, Turn

ONE_QUESTION = "one-question"
"""The word in the `style` setting by which an author asks for one question at a time."""
_PART = "/"  # no page's own name has it


def prefers_single(questionnaire: Questionnaire) -> bool:
    """True if the author wants one question at a time unless the respondent says otherwise."""
    return ONE_QUESTION in questionnaire.settings.get("style", "").split()


def told_first(questionnaire: Questionnaire) -> tuple[Item, ...]:
    """The notes of a first page that asks nothing of anybody; none if it asks, or depends on something."""
    first = questionnaire.pages[0] if len(questionnaire.pages) > 1 else None
    if first is None or first.relevant or not all(_is_plain_note(node) for node in first.nodes):
        return ()
    return first.items


def _is_plain_note(node: Node) -> bool:
    if not isinstance(node, Item) or node.type is not ItemType.NOTE or node.relevant or node.media:
        return False
    return not any("${" in words for words in node.label.values())


@lru_cache(maxsize=128)
def paged(questionnaire: Questionnaire, *, single: bool = False) -> Questionnaire:
    """The questionnaire as it is gone through; `single` gives every question a page of its own."""
    pages = questionnaire.pages[1:] if told_first(questionnaire) else questionnaire.pages
    if single:
        pages = tuple(part for page in pages for part in _parts(page))
    return replace(questionnaire, pages=pages) if pages != questionnaire.pages else questionnaire


def whole_page(name: str) -> str:
    """The name of the page that a page of one question comes from."""
    return name.partition(_PART)[0]


def page_label(page: Page) -> Text:
    """What a page is called; one with nothing but a repeated group is called after the group."""
    told = (node for node in page.laid_out if not _is_wordless(node))
    turn = next(told, None)
    return page.label or (turn.label if isinstance(turn, Turn) else {})


def _is_wordless(node: Laid) -> bool:
    """True for a picture, sound or film at the head of a group."""
    return isinstance(node, Item) and node.type is ItemType.NOTE and not node.label


def _parts(page: Page) -> Iterator[Page]:
    """A page for each question, with the notes that stand before it."""
    parts: list[list[Node]] = []
    waiting: list[Node] = []
    for node in _single_nodes(page):
        waiting.append(node)
        if _asks(node):
            parts.append(waiting)
            waiting = []
    if waiting and parts:
        parts[-1] += waiting
    elif waiting:
        parts.append(waiting)
    for number, nodes in enumerate(parts):
        name = page.name if number == 0 else f"{page.name}{_PART}{number}"
        yield replace(page, name=name, nodes=tuple(_on_page(node, name) for node in nodes))


def _asks(node: Node) -> bool:
    return isinstance(node, Repeat) or (isinstance(node, Item) and node.answerable and node.shown)


def _single_nodes(page: Page) -> Iterator[Node]:
    """The nodes with the rows of a grid as questions, each under the grid's heading."""
    for node in page.nodes:
        if not isinstance(node, Grid):
            yield node
            continue
        for row in node.items:
            if node.label:
                heading = Item(f"{row.name}{_PART}", ItemType.NOTE, node.label, relevant=row.relevant)
                yield replace(heading, appearance="heading")
            yield row


def _on_page(node: Node, page: str) -> Node:
    if isinstance(node, Item):
        return replace(node, page=page)
    if isinstance(node, Grid):
        return replace(node, items=tuple(replace(item, page=page) for item in node.items))
    return replace(node, nodes=tuple(_on_page(inner, page) for inner in node.nodes))
