"""The last sheets of the Excel file: charts Excel draws itself, and the codebook."""

from collections.abc import Mapping, Sequence
from typing import Any

from xlsxwriter.worksheet import Worksheet

from surveyor.errors import N_
from surveyor.exports.book import Book, Columns
from surveyor.instruments.spec import Item
from surveyor.releases.enums import CellKind
from surveyor.releases.figures import Key
from surveyor.releases.spec import Figure

CODEBOOK: Columns = (
    (N_("Navn"), 14, "text"), (N_("Hva"), 12, "text"), (N_("Tekst"), 60, "text"), (N_("Indeks"), 16, "text"),
    (N_("Omvendt stilt"), 10, "text"), (N_("Svarkode"), 10, "text"), (N_("Svar"), 30, "text"),
    (N_("Poeng"), 8, "text"), (N_("Utenfor indeksen"), 12, "text"),
)  # fmt: skip
ROW_PIXELS, MARGIN_ROWS, HEAD_HEIGHT = 20, 2, 32
MAX_COLUMNS, MAX_UNITS, MAX_SUBJECTS = 12, 40, 5
PALETTE = ("#8C510A", "#BF812D", "#DFC27D", "#F6E8C3", "#D9D9D9", "#C7EAE5", "#80CDC1", "#35978F", "#01665E")


class _ChartSheet:
    """Charts down the page, each above the small table it is drawn from."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.sheet: Worksheet = book.sheet(N_("Figurer"))
        self.name = self.sheet.get_name()
        self.row = 0
        self.sheet.set_column(0, 0, 44)
        self.sheet.set_column(1, MAX_COLUMNS - 1, 12)

    def add(
        self, title: str, heads: Sequence[str], rows: Sequence[Sequence[Any]], look: str, **chart: Any
    ) -> None:
        """A chart and its table; `series` names the columns drawn."""
        bars = 1 if "subtype" in chart else len(chart["series"])
        first = self.first_row(len(rows), bars)
        self._chart(first, len(rows), title, _height(len(rows), bars), **chart)
        self._table(first, heads, rows, look)
        self.row = first + len(rows) + MARGIN_ROWS

    def first_row(self, n_rows: int, n_bars: int = 1) -> int:
        """Where the header of the next table stands, below its chart."""
        return self.row + _height(n_rows, n_bars) // ROW_PIXELS + 1

    def _table(self, first: int, heads: Sequence[str], rows: Sequence[Sequence[Any]], look: str) -> None:
        formats = self.book.formats
        self.sheet.set_row(first, HEAD_HEIGHT)
        for column, head in enumerate(heads):
            self.sheet.write_string(first, column, head, formats["head"])
        for number, values in enumerate(rows, first + 1):
            for column, value in enumerate(values):
                if isinstance(value, str):
                    self.sheet.write_string(number, column, value, formats["text"])
                elif value is not None:
                    self.sheet.write_number(number, column, value, formats[look])

    def _chart(
        self,
        first: int,
        n_rows: int,
        title: str,
        height: int,
        *,
        series: Sequence[dict[str, Any]],
        **kind: Any,
    ) -> None:
        chart = self.book.book.add_chart({"type": "bar", **kind})
        for one in series:
            column = one.pop("column")
            chart.add_series(
                {
                    "name": [self.name, first, column],
                    "categories": [self.name, first + 1, 0, first + n_rows, 0],
                    "values": [self.name, first + 1, column, first + n_rows, column],
                    **one,
                }
            )
        chart.set_title({"name": title, "name_font": {"size": 12}})
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis(_axis("subtype" in kind))
        chart.set_legend({"position": "bottom"} if len(series) > 1 else {"none": True})
        chart.set_size({"width": 900, "height": height})
        self.sheet.insert_chart(self.row, 0, chart, {"description": title})


def _height(n_rows: int, n_bars: int) -> int:
    """Pixels of a chart with so many rows of so many bars."""
    return max(240, 110 + n_rows * (14 + 10 * n_bars))


def _axis(is_share: bool) -> dict[str, Any]:
    if is_share:
        return {"num_format": "0 %", "min": 0, "max": 1}
    return {"num_format": "0", "min": 0, "max": 100}


def chart_sheet(book: Book) -> None:
    """Indexes of the chosen unit, its units side by side, and how its answers are spread."""
    page = _ChartSheet(book)
    top = book.file.units[0]
    found = book.charted.get(top.code, {})
    kind = CellKind.SCALE if any(key[1] is CellKind.SCALE for key in found) else CellKind.ITEM
    main = {key[2]: figure for key, figure in found.items() if key[1] is kind and figure.index is not None}
    _indexes(page, kind, main)
    _units(page, kind, list(main))
    _spreads(page, found)
    if not page.row:
        page.sheet.write_string(0, 0, book.say(N_("For denne enheten kan ingen figurer vises.")))


def _indexes(page: _ChartSheet, kind: CellKind, main: Mapping[str, Figure]) -> None:
    if not main:
        return
    book = page.book
    heads = [book.say(word) for word in ("", N_("Indeks 0–100"), N_("Ned til"), N_("Opp til"))]
    rows = [
        (book.file.label(kind, name), one.index, _gap(one.index, one.ends[0]), _gap(one.ends[1], one.index))
        for name, one in main.items()
    ]
    title = f"{book.say(N_('Resultat med usikkerhet'))}: {book.file.units[0].name}"
    first = page.first_row(len(rows))
    ends = {
        "type": "custom",
        "plus_values": f"='{page.name}'!$D${first + 2}:$D${first + 1 + len(rows)}",
        "minus_values": f"='{page.name}'!$C${first + 2}:$C${first + 1 + len(rows)}",
    }
    series = [{"column": 1, "fill": {"color": "#2F6F9F"}, "y_error_bars": ends}]
    page.add(title, heads, rows, "one", series=series)


def _gap(upper: float | None, lower: float | None) -> float:
    return 0.0 if upper is None or lower is None else upper - lower


def _units(page: _ChartSheet, kind: CellKind, names: Sequence[str]) -> None:
    """The units right below, on the first few scales or items."""
    book, names = page.book, names[:MAX_SUBJECTS]
    below = [unit for unit in book.file.units[1:] if unit.code in book.charted][:MAX_UNITS]
    figures = [[book.charted[unit.code].get((unit.code, kind, name)) for name in names] for unit in below]
    rows = [
        (unit.name, *(figure.index if figure else None for figure in line))
        for unit, line in zip(below, figures, strict=True)
        if any(figure and figure.index is not None for figure in line)
    ]
    if not rows or not names:
        return
    title = book.say(N_("Enhetene ved siden av hverandre"))
    heads = ["", *(book.file.label(kind, name) for name in names)]
    series = [{"column": 1 + place} for place in range(len(names))]
    page.add(title, heads, rows, "one", series=series)


def _spreads(page: _ChartSheet, found: Mapping[Key, Figure]) -> None:
    """How the answers of the chosen unit are spread: one stacked chart for each code list."""
    book, asked = page.book, page.book.file.questionnaire
    by_list: dict[str, list[Figure]] = {}
    for figure in found.values():
        if figure.kind is CellKind.ITEM and any(share.value is not None for share in figure.shares):
            by_list.setdefault(asked.list_of(asked.item(figure.item)).name, []).append(figure)
    for figures in by_list.values():
        heads = ["", *(book.file.category(figures[0].item, share.code) for share in figures[0].shares)]
        if len(heads) > MAX_COLUMNS:
            continue
        rows = [
            (book.file.label(one.kind, one.item), *(share.value for share in one.shares)) for one in figures
        ]
        title = f"{book.say(N_('Slik fordeler svarene seg'))}: {book.file.units[0].name}"
        series = [
            {"column": 1 + place, "fill": {"color": colour}, "gap": 40}
            for place, colour in enumerate(_colours(len(heads) - 1))
        ]
        page.add(title, heads, rows, "share", series=series, subtype="stacked")


def _colours(n: int) -> list[str]:
    """Colours from low to high, evenly out of the palette."""
    last = len(PALETTE) - 1
    return [PALETTE[round(place * last / max(1, n - 1))] for place in range(n)]


def codebook_sheet(book: Book) -> None:
    """Every scale, item and answer option."""
    table, asked, say = book.table(N_("Kodebok"), CODEBOOK), book.file.questionnaire, book.say
    language = book.file.language
    for scale in asked.scales:
        text = asked.text(scale.label, language)
        table.add((scale.name, say(N_("Tema")), text, "", "", "", ", ".join(scale.items), "", ""))
    for item in asked.coded_items:
        for category in asked.categories(item):
            yes_missing = say(N_("Ja")) if category.missing else ""
            score = "" if category.score is None else str(category.score)
            words = asked.text(category.label, language)
            table.add((*_item_cells(book, item), category.code, words, score, yes_missing))
    table.end()


def _item_cells(book: Book, item: Item) -> tuple[str, str, str, str, str]:
    is_turned = book.say(N_("Ja")) if item.reverse else ""
    return (
        item.name,
        book.say(N_("Spørsmål")),
        book.file.label(CellKind.ITEM, item.name),
        item.scale,
        is_turned,
    )
