"""A file of participants is taken whole or not at all, with every problem in its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyor.errors import InvalidInput
from surveyor.invitations.members import Frame, normal_address, read_members

FRAME = Frame({"B1", "B2", "1234"}, {"nb", "nn", "en"}, "nb")


def problems(text: str, frame: Frame = FRAME) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(InvalidInput) as refused:
        read_members(text.encode(), "f.csv", frame=frame)
    return [(p.row, p.column, str(p)) for p in refused.value.problems]


def test_columns_in_any_order_with_norwegian_names() -> None:
    text = (
        "Språk;E-post;Navn;Enhet;Telefon;Stilling\n"
        "nynorsk;KARI@Fjordvik.NO;Kari  Nord;B1;;lærer\n;;Ola;1234;99 88 77 66;\n"
    )
    (kari, ola), table = read_members(text.encode("latin-1"), "f.csv", frame=FRAME)
    assert (kari.unit_code, kari.name, kari.email, kari.language) == (
        "B1",
        "Kari Nord",
        "kari@fjordvik.no",
        "nn",
    )
    assert (ola.unit_code, ola.email, ola.phone, ola.language) == ("1234", None, "99 88 77 66", "nb")
    assert table.unknown == ("Stilling",)


def test_every_problem_with_row_and_column() -> None:
    found = problems(
        "enhet,navn,e-post,språk\nB9,A,a@x.no,nb\nB1,B,b(at)x.no,nb\nB1,C,c@x.no,klingon\nB1,D,D@x.no,\n"
        "B1,E,d@X.no,\n,F,f@x.no,\nB1,,,\n"
    )
    assert [(row, column) for row, column, _ in found] == [
        (2, "enhet"), (3, "e-post"), (4, "språk"), (6, "e-post"), (7, "enhet"), (8, "navn"),
    ]  # fmt: skip
    assert "rad 5" in found[3][2]
    assert "klingon" in found[2][2]
    assert "en, nb, nn" in found[2][2]


def test_the_same_address_in_two_units_is_two_people() -> None:
    members, _ = read_members(b"unit,email\nB1,a@x.no\nB2,a@x.no\n", "f.csv", frame=FRAME)
    assert len(members) == 2


def test_people_already_there_and_units_nobody_can_join_are_told() -> None:
    frame = Frame({"B1", "B2"}, {"nb"}, "nb", {("B1", "a@x.no")}, ["B2"])
    found = problems("unit,email\nB1,A@x.no\nB2,b@x.no\n", frame)
    assert [(row, column) for row, column, _ in found] == [(2, "email"), (3, "unit")]


def test_a_file_without_people_or_unit_column_is_refused() -> None:
    assert "deltakere" in problems("unit,name\n")[0][2]
    assert "unit" in problems("navn\nKari\n")[0][2]


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("Kari.Nord@Fjordvik.no", "kari.nord@fjordvik.no"),
        ("a+b@x.co", "a+b@x.co"),
        ("post@blåbær.no", "post@xn--blbr-roah.no"),
        ("kåre@x.no", None),
        ("a@b", None),
        ("@x.no", None),
        ("a@@x.no", None),
        ("a b@x.no", None),
        ("a@x..no", None),
        (".a@x.no", None),
        ("a@x.no\nBcc: b@x.no", None),
        ("a@x.no, b@x.no", None),
        ("Kari <a@x.no>", None),
        ("a@" + "x" * 80 + ".no", None),
    ],
)
def test_addresses(written: str, address: str | None) -> None:
    assert normal_address(written) == address


@given(st.text(max_size=60))
def test_no_address_breaks_a_mail_header(text: str) -> None:
    address = normal_address(text)
    assert address is None or (address.isascii() and not set(address) & set(" \r\n\t,;<>"))
