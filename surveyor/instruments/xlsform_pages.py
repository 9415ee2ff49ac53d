"""The rows of an XLSForm survey sheet as a tree of groups, and the tree as pages, grids and items."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from surveyor.errors import N_
from surveyor.instruments.columns import Headings
from surveyor.instruments.enums import ItemType
from surveyor.instruments.findings import Findings
from surveyor.instruments.spec import CodeList, Grid, Item, Node, Page, Repeat, Text
from surveyor.instruments.workbook import Row
from surveyor.instruments.xlsform_media import Media
from surveyor.instruments.xlsform_rows import read_items, read_name

_BEGIN = frozenset({"begin group", "begin_group"})
_END = frozenset({"end group", "end_group"})
_REPEATS = frozenset({"begin repeat", "begin_repeat", "begin loop", "begin_loop"})
_REPEAT_ENDS = frozenset({"end repeat", "end_repeat", "end loop", "end_loop"})
MAX_NESTING = 20
MAX_TURNS, MAX_INNER_TURNS = 20, 5
MAX_IN_TURNS = 1_000


@dataclass
class Group:
    """A group as read: its own cells and what it holds in order."""

    name: str
    row: Row | None = None
    label: Text = field(default_factory=dict)
    relevant: str = ""
    appearance: str = ""
    media: Mapping[str, Text] = field(default_factory=dict)
    children: list["Group | Question"] = field(default_factory=list)
    is_repeat: bool = False
    count: str = ""

    @property
    def is_grid(self) -> bool:
        return "table-list" in self.appearance

    @property
    def is_page(self) -> bool:
        return "field-list" in self.appearance

    @property
    def is_heading(self) -> bool:
        """True where an inner group is no more than its label above the questions."""
        return bool(self.label) and not (self.is_grid or self.is_repeat)

    @property
    def is_section(self) -> bool:
        """True for a group around pages."""
        inner = (child for child in self.children if isinstance(child, Group) and not child.is_repeat)
        return not (self.is_page or self.is_grid) and any(
            child.is_page or child.is_section for child in inner
        )


@dataclass(frozen=True)
class Question:
    """An item with the row it came from."""

    row: Row
    item: Item


def read_tree(
    rows: Sequence[Row], headings: Headings, lists: dict[str, CodeList], findings: Findings, media: Media
) -> Group:
    """The survey sheet as one group of groups and questions."""
    root = Group("")
    open_groups = [root]
    for row in rows:
        written = " ".join(headings.cell(row, "type").lower().split())
        if written.startswith("begin loop over"):
            written = "begin loop"
        if headings.cell(row, "disabled").lower() in ("yes", "true", "true()"):
            continue
        if written in _BEGIN | _REPEATS:
            _begin(row, written, open_groups, headings, findings)
            open_groups[-1].media = media.of(row, headings)
        elif written in _END | _REPEAT_ENDS:
            _end(row, open_groups, headings, findings)
        elif written or headings.cell(row, "name"):
            items = read_items(row, headings, lists, findings, media)
            open_groups[-1].children += [Question(row, item) for item in items]
    for group in open_groups[1:]:
        if group.row:
            findings.problem(
                group.row,
                headings.heading("type"),
                N_("Gruppen «%(name)s» mangler end group."),
                name=group.name,
            )
    return root


def _begin(row: Row, written: str, open_groups: list[Group], headings: Headings, findings: Findings) -> None:
    column = headings.heading("type")
    if "loop" in written:
        findings.problem(
            row,
            column,
            N_("En løkke (loop) kan ikke brukes. Skriv den som en gruppe som gjentas (begin repeat)."),
        )
    if len(open_groups) > MAX_NESTING:
        findings.problem(row, column, N_("Det er for mange grupper inni hverandre."))
    name = read_name(row, headings, findings) if headings.cell(row, "name") else f"group{row.number}"
    group = Group(
        name or f"group{row.number}",
        row,
        headings.text(row, "label"),
        headings.cell(row, "relevant"),
        headings.cell(row, "appearance").lower(),
        is_repeat=written in _REPEATS,
        count=headings.cell(row, "repeat_count") if written in _REPEATS else "",
    )
    open_groups[-1].children.append(group)
    open_groups.append(group)


def _end(row: Row, open_groups: list[Group], headings: Headings, findings: Findings) -> None:
    if len(open_groups) == 1:
        findings.problem(row, headings.heading("type"), N_("Her slutter en gruppe som ikke er begynt."))
    else:
        open_groups.pop()


def walk_tree(group: Group) -> Iterator[tuple[Group, "Group | Question"]]:
    """Every group and question below a group, each with the group it stands in."""
    for child in group.children:
        yield group, child
        if isinstance(child, Group):
            yield from walk_tree(child)


def pages_of(root: Group, findings: Findings) -> tuple[Page, ...]:
    """The pages of a tree, those without a question or text left out."""
    names = {child.name if isinstance(child, Group) else child.item.name for _, child in walk_tree(root)}
    maker = _Pages(findings, names, _inner_repeats(root))
    return tuple(page for page in maker.inside(root, {}, "") if page.nodes)


def _inner_repeats(root: Group) -> frozenset[str]:
    """Names of the repeated groups inside another one."""
    repeats = (child for _, child in walk_tree(root) if isinstance(child, Group) and child.is_repeat)
    return frozenset(
        child.name
        for repeat in repeats
        for _, child in walk_tree(repeat)
        if isinstance(child, Group) and child.is_repeat
    )


def _with_grids(children: Sequence["Group | Question"]) -> Iterator["Group | Question"]:
    """Questions of the appearances «label» and «list-nolabel» that follow each other are one grid."""
    head: Question | None = None
    rows: list[Group | Question] = []
    for child in children:
        look = child.item.appearance.split() if isinstance(child, Question) else []
        if isinstance(child, Question) and head is not None and "list-nolabel" in look:
            rows.append(Question(child.row, replace(child.item, appearance="")))
            continue
        yield from _headed(head, rows)
        head, rows = None, []
        if isinstance(child, Question) and child.item.selects and "label" in look:
            head = child
        else:
            yield child
    yield from _headed(head, rows)


def _headed(head: Question | None, rows: list["Group | Question"]) -> Iterator["Group | Question"]:
    if head is not None and rows:
        item = head.item
        yield Group(item.name, head.row, item.label, item.relevant, "table-list", children=rows)
    elif head is not None:
        yield head


class _Pages:
    def __init__(self, findings: Findings, taken: set[str], inner: frozenset[str]) -> None:
        self._findings, self._taken, self._inner = findings, taken, inner

    def inside(self, group: Group, section: Text, relevant: str) -> Iterator[Page]:
        """Groups become pages, the first with what the group around them shows."""
        pages = self._inside(group, section, relevant)
        first = next(pages, None) if group.media else None
        if first is not None:
            shown = self._shown(group, "", first.name)
            yield replace(first, nodes=(shown, *first.nodes))
        yield from pages

    def _inside(self, group: Group, section: Text, relevant: str) -> Iterator[Page]:
        """Questions between groups share one page."""
        loose: list[Group | Question] = []
        for child in group.children:
            if isinstance(child, Question):
                loose.append(child)
                continue
            yield from self._between(loose, section, relevant)
            loose = []
            if child.is_repeat:
                yield from self._between([child], section, relevant)
                continue
            inner = both(relevant, child.relevant)
            if child.is_section:
                yield from self.inside(child, child.label or section, inner)
            else:
                yield self._page(child, section, inner)
        yield from self._between(loose, section, relevant)

    def _between(self, loose: Sequence["Group | Question"], section: Text, relevant: str) -> Iterator[Page]:
        if loose:
            number = next(n for n in range(1, 100_000) if f"page{n}" not in self._taken)
            self._taken.add(f"page{number}")
            children: list[Group | Question] = list(loose)
            yield self._page(Group(f"page{number}", children=children), section, relevant)

    def _page(self, group: Group, section: Text, relevant: str) -> Page:
        head = self._head(group, "", group.name)
        if group.is_grid:
            name = self._free(f"{group.name}_table") if head else group.name
            nodes = self._grid(replace(group, label={}, name=name), "", group.name)
        else:
            nodes = self._nodes(group, "", group.name)
        return Page(group.name, group.label, relevant, (*head, *nodes), section)

    def _head(self, group: Group, relevant: str, page: str) -> tuple[Item, ...]:
        """What a group shows before its questions."""
        return (self._shown(group, relevant, page),) if group.media else ()

    def _shown(self, group: Group, relevant: str, page: str) -> Item:
        name = self._free(f"{group.name}_media")
        return Item(name, ItemType.NOTE, relevant=relevant, media=group.media, page=page)

    def _free(self, name: str) -> str:
        """A name that nothing in the form has."""
        numbered = (name, *(f"{name}{n}" for n in range(2, 1_000)))
        free = next(each for each in numbered if each not in self._taken)
        self._taken.add(free)
        return free

    def _nodes(self, group: Group, relevant: str, page: str) -> Iterator[Node]:
        for child in _with_grids(group.children):
            if isinstance(child, Question):
                yield replace(child.item, page=page, relevant=both(relevant, child.item.relevant))
            elif child.is_repeat:
                yield from self._head(child, both(relevant, child.relevant), page)
                yield self._repeat(child, relevant, page)
            elif child.is_grid:
                yield from self._head(child, both(relevant, child.relevant), page)
                yield from self._grid(child, both(relevant, child.relevant), page)
            else:
                inner = both(relevant, child.relevant)
                yield from _heading(child, inner, page)
                yield from self._head(child, inner, page)
                yield from self._nodes(child, inner, page)

    def _repeat(self, group: Group, relevant: str, page: str) -> Repeat:
        depth = sum(1 for _, child in walk_tree(group) if isinstance(child, Group) and child.is_repeat)
        nodes = tuple(self._nodes(replace(group, is_repeat=False), "", page))
        wanted = MAX_INNER_TURNS if group.name in self._inner else MAX_TURNS
        rows = [child for _, child in walk_tree(group) if isinstance(child, Question) or child.is_heading]
        size = len(rows) * MAX_INNER_TURNS**depth
        most = max(2, min(wanted, MAX_IN_TURNS // max(1, size)))
        return Repeat(group.name, group.label, nodes, group.count, both(relevant, group.relevant), most)

    def _grid(self, group: Group, relevant: str, page: str) -> Iterator[Node]:
        rows = list(self._nodes(group, relevant, page))
        lists = {row.code_list for row in rows if isinstance(row, Item)}
        alike = all(isinstance(row, Item) and row.type is ItemType.SELECT_ONE for row in rows)
        if rows and alike and len(lists) == 1:
            yield Grid(group.name, group.label, tuple(row for row in rows if isinstance(row, Item)))
            return
        if rows and group.row:
            message = N_("Spørsmålene i «%(name)s» har ulike svar. De vises hver for seg, ikke i en tabell.")
            self._findings.notice(group.row, "appearance", message, name=group.name)
        yield from _heading(group, relevant, page)
        yield from rows


def _heading(group: Group, relevant: str, page: str) -> Iterator[Item]:
    if group.label:
        yield Item(group.name, ItemType.NOTE, group.label, relevant=relevant, appearance="heading", page=page)


def both(outer: str, inner: str) -> str:
    """One expression that is true where both are; an empty one counts as true."""
    return f"({outer}) and ({inner})" if outer and inner else outer or inner
