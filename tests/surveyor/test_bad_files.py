"""Files of margins, benchmarks and mappings as they should not be: told in their place, never our error."""

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveyor.campaigns.margins import read_margins, read_sizes
from surveyor.cubes.spec import CubeTree
from surveyor.errors import InvalidInput, Problem
from surveyor.norms.figures import usual_figures
from surveyor.norms.rows import read_counts
from surveyor.releases.mapping import check_mapping, read_mapping
from surveyor.units.spec import UnitNode, UnitTree
from tests.bad_files import UNREADABLE, sheet
from tests.released_groups import SEX, background
from tests.releases_data import choice, code_list, one_page

ASKED = one_page("bad", [code_list("c5", 1, 5), SEX], [background("sex", "sex"), choice("q1", "c5")])
TREE = CubeTree(("K", "A", "B"), (-1, 0, 0), 3)
UNITS = UnitTree.of(
    UnitNode(UUID(int=place), code, code, "enhet", None if code == "K" else "K")
    for place, code in enumerate(TREE.codes)
)
Reader = Callable[[bytes, str], object]


def margins(content: bytes, name: str) -> object:
    return read_margins(content, name, questionnaire=ASKED, tree=UNITS, n_population=1_000)


def sizes(content: bytes, name: str) -> object:
    return read_sizes(content, name, tree=UNITS)


def norms(content: bytes, name: str) -> object:
    return usual_figures(ASKED, read_counts(content, name, ASKED))


def mapping(content: bytes, name: str) -> object:
    pairs = read_mapping(content, name)
    check_mapping(pairs, TREE, TREE)
    return pairs


HEADINGS: dict[Reader, tuple[str, ...]] = {
    margins: ("variabel", "kategori", "antall", "andel"),
    sizes: ("enhet", "antall"),
    norms: ("kommune", "spørsmål", "svarkode", "antall"),
    mapping: ("før", "nå"),
}
GOOD: dict[Reader, tuple[tuple[object, ...], ...]] = {
    margins: (("sex", "f", "", "0,5"), ("sex", "m", "", "0,5")),
    sizes: (("A", 500), ("B", 500)),
    norms: tuple((f"Kommune {n}", "q1", "3", 10) for n in range(5)),
    mapping: (("A", "B"), ("B", "A")),
}
READERS = [pytest.param(reader, id=reader.__name__) for reader in HEADINGS]


def text(*rows: tuple[object, ...]) -> bytes:
    return "".join(";".join(map(str, row)) + "\n" for row in rows).encode()


def told(reader: Reader, content: bytes, name: str = "fil.csv") -> list[Problem]:
    """The problems of a file; each can be said, and names a place that exists."""
    with pytest.raises(InvalidInput) as refused:
        reader(content, name)
    return checked(refused.value)


def checked(refused: InvalidInput) -> list[Problem]:
    """The problems of a refusal: there are some, in words, each in a place that exists."""
    problems = list(refused.problems)
    assert problems
    assert all(str(problem) for problem in problems)
    assert all(problem.row is None or problem.row >= 1 for problem in problems)
    return problems


@pytest.mark.parametrize("reader", READERS)
def test_a_good_file_is_taken(reader: Reader) -> None:
    """Negative control of all that follows."""
    rows = (HEADINGS[reader], *GOOD[reader])
    assert reader(text(*rows), "fil.csv")
    assert reader(sheet(*rows), "fil.xlsx")
    assert reader(text(*rows).decode().encode("utf-16"), "fil.csv")
    assert reader(text(*rows).decode().encode("latin-1"), "fil.csv")


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("bad", UNREADABLE)
def test_what_is_no_table_is_said_to_be_none(reader: Reader, bad: str) -> None:
    content, name = UNREADABLE[bad]
    told(reader, content, name)


@pytest.mark.parametrize("reader", READERS)
def test_the_sheet_that_was_read_is_named(reader: Reader) -> None:
    """The first visible sheet that holds anything is read; a table behind it is not looked for."""
    problems = told(reader, sheet(HEADINGS[reader], *GOOD[reader], before="Slik gjør du"), "fil.xlsx")
    assert {problem.sheet for problem in problems} == {"Forklaring"}
    assert {problem.row for problem in problems} == {1}


@pytest.mark.parametrize("reader", READERS)
def test_merged_cells_are_empty_but_for_the_first(reader: Reader) -> None:
    problems = told(reader, sheet(HEADINGS[reader], *GOOD[reader], name="Tall", merged=True), "fil.xlsx")
    place = (problems[0].sheet, problems[0].row, problems[0].column)
    assert place == ("Tall", 3, HEADINGS[reader][0])


NUMBERS = (
    "nan", "NaN", "inf", "-inf", "-1", "1e9", "0x10", "²", "1/2", "ti", "99999999999999", "1,2,3",
)  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("reader", [margins, sizes, norms])
def test_what_is_no_number_is_told_in_its_cell(reader: Reader, number: str) -> None:
    rows = [list(row) for row in GOOD[reader]]
    rows[1][-1] = number
    for content, name in (
        (text(HEADINGS[reader], *map(tuple, rows)), "fil.csv"),
        (sheet(HEADINGS[reader], *map(tuple, rows)), "fil.xlsx"),
    ):
        places = {(problem.row, problem.column) for problem in told(reader, content, name)}
        assert (3, HEADINGS[reader][-1]) in places


@pytest.mark.parametrize("reader", [margins, sizes, norms])
@pytest.mark.parametrize("cell", [float("nan"), float("inf"), "=1+1", "=1/0", "=NA()", True, 1e300, -0.5])
def test_cells_of_a_workbook_that_are_no_counts(reader: Reader, cell: object) -> None:
    rows = [list(row) for row in GOOD[reader]]
    rows[1][-1] = cell
    problems = told(reader, sheet(HEADINGS[reader], *map(tuple, rows), name="Tall"), "fil.xlsx")
    assert {problem.sheet for problem in problems} == {"Tall"}
    assert any(problem.row == 3 for problem in problems)


@pytest.mark.parametrize("reader", READERS)
def test_the_same_row_twice_is_told(reader: Reader) -> None:
    problems = told(reader, text(HEADINGS[reader], *GOOD[reader], GOOD[reader][0]))
    assert any(problem.row == len(GOOD[reader]) + 2 and problem.column for problem in problems)


@pytest.mark.soak
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("n", [100_000, 100_001])
def test_as_many_rows_as_there_may_be_and_one_more(reader: Reader, n: int) -> None:
    row = ("x",) * len(HEADINGS[reader])
    problems = told(reader, text(HEADINGS[reader], *[row] * n))
    assert (len(problems) == 1) == (n > 100_000)


def test_more_people_than_a_database_counts_are_refused() -> None:
    rows = [(f"Kommune {n}", "q1", "3", 999_999_999) for n in range(5)]
    problems = told(norms, text(HEADINGS[norms], *rows))
    assert any("for mange" in str(problem) for problem in problems)


_NASTY = st.sampled_from(
    ["", "A", "B", "K", "q1", "sex", "f", "m", "3", "0", "10", "0,5", "nan", "inf", "-1", "=1+1", "«»",
     "\u202e", "\ufeff", "a\nb", '"', "x" * 300, "%(n)s", "%", "<b>", "enhet", "1e309", "٣", " "]
)  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_any_table_is_taken_or_told(reader: Reader) -> None:
    width = len(HEADINGS[reader])

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(*[_NASTY | st.text(max_size=8)] * width), max_size=6), st.booleans())
    def check(rows: list[tuple[str, ...]], is_workbook: bool) -> None:
        plain = [tuple("".join(c for c in cell if c >= " ") for cell in row) for row in rows]
        try:
            if is_workbook:
                reader(sheet(HEADINGS[reader], *plain), "fil.xlsx")
            else:
                reader(text(HEADINGS[reader], *rows), "fil.csv")
        except InvalidInput as refused:
            checked(refused)

    check()


@pytest.mark.parametrize("reader", READERS)
def test_any_bytes_are_taken_or_told(reader: Reader) -> None:
    marks = (b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", b"\xd0\xcf\x11\xe0", b"sep=;\n")

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(
        st.sampled_from(marks),
        st.binary(max_size=200),
        st.sampled_from(["fil.csv", "fil.xlsx", "fil", "..xlsx"]),
    )
    def check(start: bytes, rest: bytes, name: str) -> None:
        with pytest.raises(InvalidInput):
            reader(start + rest, name)

    check()


@pytest.mark.parametrize("reader", READERS)
def test_a_workbook_with_a_byte_changed_is_taken_or_told(reader: Reader) -> None:
    whole = sheet(HEADINGS[reader], *GOOD[reader])

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, len(whole) - 1), st.integers(0, 255))
    def check(place: int, byte: int) -> None:
        try:
            reader(whole[:place] + bytes([byte]) + whole[place + 1 :], "fil.xlsx")
        except InvalidInput as refused:
            checked(refused)

    check()
