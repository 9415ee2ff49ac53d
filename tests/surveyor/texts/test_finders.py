"""The helper finds what may name somebody, leaves ordinary Norwegian alone, and never touches the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyor.texts.enums import MarkKind
from surveyor.texts.finders import chosen_marks, find_marks, is_national_id, mask, word_marks
from surveyor.texts.spec import MASKS

W1, W2 = (3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def found(text: str) -> list[tuple[str, str]]:
    return [(mark.kind.value, text[mark.start : mark.end]) for mark in find_marks(text)]


def national_id(day: int, month: int, year: int, number: int) -> str | None:
    """A number with good check digits, where the date and serial number allow one."""
    digits = [int(d) for d in f"{day:02}{month:02}{year:02}{number:03}"]
    for weights in (W1, W2):
        check = -sum(d * w for d, w in zip(digits, weights, strict=True)) % 11
        if check == 10:
            return None
        digits.append(check)
    return "".join(map(str, digits))


dates = st.tuples(st.integers(1, 28), st.integers(1, 12), st.integers(0, 99), st.integers(0, 999))


@given(dates, st.sampled_from([(0, 0), (40, 0), (0, 40), (0, 80)]))
def test_national_identity_numbers_are_known_by_their_check_digits(
    parts: tuple[int, int, int, int], added: tuple[int, int]
) -> None:
    day, month, year, number = parts
    text = national_id(day + added[0], month + added[1], year, number)
    if text is None:
        return
    assert is_national_id(text)
    for shape in (text, f"{text[:6]} {text[6:]}"):
        assert found(f"Jeg er {shape}, altså.") == [("national_id", shape)]
    wrong = text[:-1] + str((int(text[-1]) + 1) % 10)  # negative control
    assert not is_national_id(wrong)


@pytest.mark.parametrize("text", ["00000000000", "32019912345", "12345678901", "1234567890", ""])
def test_other_digits_are_no_national_identity_number(text: str) -> None:
    assert not is_national_id(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Skriv til kari.nordmann+1@fjordvik.kommune.no!",
            [("email", "kari.nordmann+1@fjordvik.kommune.no")],
        ),
        ("Ring 912 34 567 i kveld.", [("phone", "912 34 567")]),
        ("Ring +47 91 23 45 67", [("phone", "+47 91 23 45 67")]),
        ("Ring 004722334455.", [("phone", "004722334455")]),
        ("Nummeret er +46 70 123 45 67.", [("phone", "+46 70 123 45 67")]),
        ("Hun bor i Storgata 12 B.", [("address", "Storgata 12 B")]),
        ("Jeg bor i Kong Oscars gate 3, 5017 Bergen", [("address", "Kong Oscars gate 3, 5017 Bergen")]),
        ("Vi bor på 5017 Bergen", [("address", "5017 Bergen")]),
        ("Kari er flink.", [("name", "Kari")]),
        ("Snakk med Kari Nordmann om det", [("name", "Kari Nordmann")]),
        ("Det var Anne-Lises idé", [("name", "Anne-Lises")]),
        ("Møtet med rektor Bergheim var fint", [("name", "Bergheim")]),
        ("Jeg liker ikke Bjørn, men Dag er grei", [("name", "Bjørn"), ("name", "Dag")]),
        ("Oppussing av 2. etasje i 2026 kostet 150 000 kroner.", []),
        ("Bjørn i skogen og berg i dag", []),
        ("Det er kaldt. Mai er bedre. Dag etter dag.", []),
        ("Vi trenger flere folk på kveld, og NAV hjelper ikke.", []),
        ("Fjordvik kommune er bra i 2024 Og 2025", []),
        ("Jobben er på plass 3 ganger i uka", []),
        ("", []),
    ],
)
def test_what_is_found_and_what_is_left_alone(text: str, wanted: list[tuple[str, str]]) -> None:
    assert found(text) == wanted


@given(st.text(alphabet=st.sampled_from("KariHansen 0123456789.@-+vegei\nÆØÅ"), max_size=60))
def test_marks_never_overlap_and_masking_leaves_the_rest(text: str) -> None:
    marks = find_marks(text)
    assert all(a.end <= b.start for a, b in zip(marks, marks[1:], strict=False))
    outside = "".join(
        text[a:b]
        for a, b in zip([0, *(m.end for m in marks)], [*(m.start for m in marks), len(text)], strict=True)
    )
    masked = mask(text, marks, dict.fromkeys(MarkKind, ""))
    assert masked == outside


def test_only_what_was_chosen_is_masked() -> None:
    text = "Kari sa at Ola Hansen skulle ringe 912 34 567. Sjefen kari smilte."
    marks = find_marks(text)
    chosen = chosen_marks(text, [mark.key for mark in marks if mark.kind is not MarkKind.PHONE])
    assert mask(text, chosen, dict(MASKS)) == (
        "[navn] sa at [navn] skulle ringe 912 34 567. Sjefen kari smilte."
    )
    own = word_marks(text, ["sjefen", "KARI"])
    assert mask(text, (*chosen, *own), dict(MASKS)) == (
        "[navn] sa at [navn] skulle ringe 912 34 567. [skjult] [skjult] smilte."
    )
    assert chosen_marks(text, ["0-1", "x", "5-3"]) == ()
