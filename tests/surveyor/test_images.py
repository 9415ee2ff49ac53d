"""Pictures keep what they show and lose what they tell."""

import struct

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from surveyor.errors import InvalidInput
from surveyor.images import without_metadata
from tests.media_files import SCAN, SECOND_SCAN, TABLES, chunk, exif, jpeg, png


def test_a_jpeg_keeps_the_picture_and_its_colours_only() -> None:
    photo = jpeg(exif(b"GPS"), comment=b"Kari", behind=b"HIDDEN")
    clean = without_metadata(photo, "image/jpeg")
    assert TABLES + SCAN + SECOND_SCAN + b"\xff\xd9" in clean
    assert b"ICC_PROFILE\0colour" in clean
    for secret in (b"GPS", b"Kari", b"HIDDEN", b"THUMB", b"MPF", b"Exif"):
        assert secret in photo
        assert secret not in clean
    assert without_metadata(clean, "image/jpeg") == clean


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_turned_photo_stays_turned(order: str) -> None:
    clean = without_metadata(jpeg(exif(b"GPS", turn=6, order=order)), "image/jpeg")
    assert struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0) in clean
    assert b"GPS" not in clean
    assert without_metadata(clean, "image/jpeg") == clean


def test_a_png_keeps_the_picture_and_its_colours_only() -> None:
    secrets = (
        chunk(b"tEXt", b"Author\0Kari"),
        chunk(b"eXIf", b"GPS"),
        chunk(b"tIME", b"2026"),
        chunk(b"zzZz", b"?"),
    )
    clean = without_metadata(png(*secrets, chunk(b"gAMA", b"1234"), behind=b"HIDDEN"), "image/png")
    assert clean == png(chunk(b"gAMA", b"1234"))


def test_other_files_are_left_alone() -> None:
    assert without_metadata(b"%PDF-1.7 Exif", "application/pdf") == b"%PDF-1.7 Exif"


@pytest.mark.parametrize("n", range(2, 60, 7))
def test_a_cut_off_picture_is_refused_in_words(n: int) -> None:
    for whole, kind in ((jpeg(exif()), "image/jpeg"), (png(), "image/png")):
        with pytest.raises(InvalidInput):
            without_metadata(whole[: max(8, len(whole) - n)], kind)


@hypothesis_settings(max_examples=200)
@given(st.binary(max_size=200), st.sampled_from(["image/jpeg", "image/png"]))
def test_anything_is_a_picture_or_refused(rest: bytes, kind: str) -> None:
    begin = b"\xff\xd8\xff" if kind == "image/jpeg" else b"\x89PNG\r\n\x1a\n"
    try:
        without_metadata(begin + rest, kind)
    except InvalidInput:
        return
