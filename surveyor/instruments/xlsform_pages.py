"""The rows of an XLSForm survey sheet as a tree of groups, and the tree as pages, grids and items."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from surveyor.errors import N_
from surveyor.instruments.columns import Headings
from surveyor.instruments.enums import ItemType
from surveyor.instruments.findings import Findings
from surveyor.instruments.spec import CodeList, Grid, Item, Node, Page, Text
from surveyor.instruments.workbook import Row
from surveyor.instruments.xlsform_rows import read_item, read_name

_BEGIN = frozenset({"begin group", "begin_group", "begin  group"})
_END = frozenset({"end group", "end_group"})
_REPEATS = frozenset({"begin repeat", "begin_repeat", "begin loop", "begin_loop"})
_REPEAT_ENDS = frozenset({"end repeat", "end_repeat", "end loop", "end_loop"})
MAX_NESTING = 20


@dataclass
class Group:
    """A group as read: its own cells and what it holds in order."""

    name: str
    row: Row | None = None
    label: Text = field(default_factory=dict)
    relevant: str = ""
    appearance: str = ""
    children: list["Group | Question"] = field(default_factory=list)

    @property
    def is_grid(self) -> bool:
        return "table-list" in self.appearance

    @property
    def is_page(self) -> bool:
        return "field-list" in self.appearance

    @property
    def is_section(self) -> bool:
        """True for a group around pages."""
        inner = (child for child in self.children if isinstance(child, Group))
        return not (self.is_page or self.is_grid) and any(
            child.is_page or child.is_section for child in inner
        )


@dataclass(frozen=True)
class Question:
    """An item with the row it came from."""

    row: Row
    item: Item


def read_tree(
    rows: Sequence[Row], headings: Headings, lists: Mapping[str, CodeList], findings: Findings
) -> Group:
    """The survey sheet as one group of groups and questions."""
    root = Group("")
    open_groups = [root]
    for row in rows:
        written = " ".join(headings.cell(row, "type").lower().split())
        if headings.cell(row, "disabled").lower() in ("yes", "true", "true()"):
            continue
        if written in _BEGIN | _REPEATS:
            _begin(row, written, open_groups, headings, findings)
        elif written in _END | _REPEAT_ENDS:
            _end(row, open_groups, headings, findings)
        elif written or headings.cell(row, "name"):
            item = read_item(row, headings, lists, findings)
            if item:
                open_groups[-1].children.append(Question(row, item))
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
    if written in _REPEATS:
        findings.problem(
            row, column, N_("Grupper som gjentas, kan ikke brukes ennå. Skriv spørsmålene ut hver for seg.")
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
    maker = _Pages(findings, {child.name for _, child in walk_tree(root) if isinstance(child, Group)})
    return tuple(page for page in maker.inside(root, {}, "") if page.nodes)


class _Pages:
    def __init__(self, findings: Findings, taken: set[str]) -> None:
        self._findings, self._taken = findings, taken

    def inside(self, group: Group, section: Text, relevant: str) -> Iterator[Page]:
        """Groups become pages; questions between them share one page."""
        loose: list[Question] = []
        for child in group.children:
            if isinstance(child, Question):
                loose.append(child)
                continue
            yield from self._between(loose, section, relevant)
            loose = []
            inner = both(relevant, child.relevant)
            if child.is_section:
                yield from self.inside(child, child.label or section, inner)
            else:
                yield self._page(child, section, inner)
        yield from self._between(loose, section, relevant)

    def _between(self, loose: list[Question], section: Text, relevant: str) -> Iterator[Page]:
        if loose:
            number = next(n for n in range(1, 100_000) if f"page{n}" not in self._taken)
            self._taken.add(f"page{number}")
            children: list[Group | Question] = list(loose)
            yield self._page(Group(f"page{number}", children=children), section, relevant)

    def _page(self, group: Group, section: Text, relevant: str) -> Page:
        holder = replace(group, label={}) if group.is_grid else group
        nodes = self._grid(holder, "", group.name) if group.is_grid else self._nodes(group, "", group.name)
        return Page(group.name, group.label, relevant, tuple(nodes), section)

    def _nodes(self, group: Group, relevant: str, page: str) -> Iterator[Node]:
        for child in group.children:
            if isinstance(child, Question):
                yield replace(child.item, page=page, relevant=both(relevant, child.item.relevant))
            elif child.is_grid:
                yield from self._grid(child, both(relevant, child.relevant), page)
            else:
                inner = both(relevant, child.relevant)
                yield from _heading(child, inner, page)
                yield from self._nodes(child, inner, page)

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
