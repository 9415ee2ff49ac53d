"""Sound and film lose what tells about the one who made them, and play as before."""

import struct

import pytest

from surveyor.errors import InvalidInput
from surveyor.recordings import without_tags
from tests.media_files import FRAME

SECRET = b"59.91 N, Kari Nordmann"


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def film(*inside_moov: bytes) -> bytes:
    head = bytes(4) + struct.pack(">II", 3_900_000_000, 3_900_000_001) + bytes(12)
    return (
        box(b"ftyp", b"isom")
        + box(b"moov", box(b"mvhd", head) + b"".join(inside_moov))
        + box(b"mdat", b"pic")
    )


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack("<4sI", kind, len(body)) + body + b"\0" * (len(body) % 2)


def wave(*chunks: bytes) -> bytes:
    whole = b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(whole) + 4) + b"WAVE" + whole


def test_tags_before_and_behind_an_mp3_go() -> None:
    tag = b"ID3\x04\0\0" + struct.pack(">I", len(SECRET)) + SECRET
    told = tag + FRAME + b"TAG" + SECRET.ljust(125)
    assert without_tags(told, "audio/mpeg") == FRAME
    assert without_tags(FRAME, "audio/mpeg") == FRAME


def test_a_wave_keeps_its_sound_only() -> None:
    sound = (chunk(b"fmt ", bytes(16)), chunk(b"data", b"abc"))
    assert without_tags(wave(sound[0], chunk(b"LIST", SECRET), sound[1]), "audio/wav") == wave(*sound)


@pytest.mark.parametrize("kind", [b"udta", b"meta", b"uuid"])
@pytest.mark.parametrize("media_type", ["audio/mp4", "video/mp4"])
def test_a_film_keeps_its_length_and_loses_what_tells(kind: bytes, media_type: str) -> None:
    told = film(box(kind, SECRET))
    clean = without_tags(told, media_type)
    assert SECRET not in clean
    assert struct.pack(">I", 3_900_000_000) not in clean
    assert len(clean) == len(told)
    assert clean.endswith(box(b"mdat", b"pic"))
    assert without_tags(clean, media_type) == clean


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"ID3\x04\0\0\0\0\x7f\x7f short", "audio/mpeg"),
        (b"RIFF\0\0\0\0WAVEfmt \xff\0\0\0ab", "audio/wav"),
        (box(b"ftyp", b"isom") + b"\0\0\xff\xffmoov", "video/mp4"),
        (box(b"ftyp", b"isom") + b"\0\0\0\x04moov", "video/mp4"),
    ],
)
def test_a_broken_one_is_refused(content: bytes, media_type: str) -> None:
    with pytest.raises(InvalidInput):
        without_tags(content, media_type)


def test_other_files_are_left_alone() -> None:
    assert without_tags(b"%PDF-1.7 x", "application/pdf") == b"%PDF-1.7 x"
