"""Sound and film without what recorders and programs add: place, time, author, pictures. Pure."""

import struct
from collections.abc import Iterator

from surveyor.errors import N_, InvalidInput

_BOXES_OF_BOXES = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"moof", b"traf", b"mvex"}
_TELLING = {b"udta", b"meta", b"uuid"}
_DATED = {b"mvhd", b"tkhd", b"mdhd"}
_WAVE_KEPT = {b"fmt ", b"data", b"fact"}
_MAX_DEPTH = 8


def without_tags(content: bytes, media_type: str) -> bytes:
    """A recording that sounds and looks the same and tells nothing else; other files as they are.

    Raises InvalidInput for one that is cut off.
    """
    strip = {
        "audio/mpeg": _strip_mp3, "audio/wav": _strip_wave, "audio/mp4": _strip_mp4, "video/mp4": _strip_mp4,
    }.get(media_type)  # fmt: skip
    try:
        return strip(content) if strip else content
    except (ValueError, IndexError, struct.error) as error:
        raise InvalidInput(
            N_("Opptaket er skadet og kan ikke leses. Lagre det på nytt og prøv igjen.")
        ) from error


def _strip_mp3(content: bytes) -> bytes:
    while content.startswith(b"ID3"):
        length = 0
        for byte in content[6:10]:
            length = length << 7 | byte & 0x7F
        content = content[10 + length + (10 if content[5] & 0x10 else 0) :]
    if content[-128:-125] == b"TAG":
        content = content[:-128]
    if not content.startswith((b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa")):
        raise ValueError("no sound behind the tags")
    return content


def _strip_wave(content: bytes) -> bytes:
    kept, place = [], 12
    while place + 8 <= len(content):
        kind, length = struct.unpack_from("<4sI", content, place)
        body = content[place + 8 : place + 8 + length]
        if kind == b"data" and length > len(body):
            length = len(body)  # recorders that were cut short leave a length too long
        if len(body) != length:
            raise ValueError("a chunk is cut off")
        if kind in _WAVE_KEPT:
            kept.append(struct.pack("<4sI", kind, length) + body + b"\0" * (length % 2))
        place += 8 + length + length % 2
    whole = b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(whole) + 4) + b"WAVE" + whole


def _strip_mp4(content: bytes) -> bytes:
    """Nothing is moved, since the film's own tables say where each picture stands: what tells is blanked."""
    blanked = bytearray(content)
    for kind, start, body, end in _boxes(content, 0, len(content), 0):
        if kind in _TELLING:
            blanked[start + 4 : start + 8] = b"free"
            blanked[body:end] = bytes(end - body)
        elif kind in _DATED:
            n_bytes = 16 if content[body] == 1 else 8
            blanked[body + 4 : body + 4 + n_bytes] = bytes(n_bytes)
    return bytes(blanked)


def _boxes(content: bytes, place: int, end: int, depth: int) -> Iterator[tuple[bytes, int, int, int]]:
    """Every box: its kind, where it begins, where its body begins and where it ends."""
    while place + 8 <= end:
        length, kind = struct.unpack_from(">I4s", content, place)
        body = place + 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", content, body)
            body += 8
        last = end if length == 0 else place + length
        if last < body or last > end:
            raise ValueError("a box is cut off")
        yield kind, place, body, last
        if kind in _BOXES_OF_BOXES and depth < _MAX_DEPTH:
            yield from _boxes(content, body, last, depth + 1)
        place = last
