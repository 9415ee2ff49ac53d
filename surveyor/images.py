"""Pictures without what cameras and programs add: place, time, device, author, comments, thumbnails. Pure."""

import re
import struct

from surveyor.errors import N_, InvalidInput

_PNG_KEPT = {b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"pHYs", b"bKGD", b"hIST"}
_PNG_BEGIN = b"\x89PNG\r\n\x1a\n"
_SCAN, _END, _EXIF, _COMMENT = 0xDA, 0xD9, 0xE1, 0xFE
_APPLICATION = range(0xE0, 0xF0)
_ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a length
_KEPT_APPLICATION = {0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}  # without these the colours change
_AFTER_SCAN = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
_UPRIGHT = 1


def without_metadata(content: bytes, media_type: str) -> bytes:
    """A picture that looks the same and tells nothing else; other files as they are. Raises InvalidInput."""
    strip = {"image/jpeg": _strip_jpeg, "image/png": _strip_png}.get(media_type)
    try:
        return strip(content) if strip else content
    except (ValueError, IndexError, struct.error) as error:
        raise InvalidInput(
            N_("Bildet er skadet og kan ikke leses. Lagre det på nytt og prøv igjen.")
        ) from error


def _strip_png(content: bytes) -> bytes:
    kept, place, kind = [_PNG_BEGIN], len(_PNG_BEGIN), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, place)
        chunk = content[place : place + length + 12]
        if len(chunk) != length + 12:
            raise ValueError("a chunk is cut off")
        if kind[:1].isupper() or kind in _PNG_KEPT:
            kept.append(chunk)
        place += len(chunk)
    return b"".join(kept)  # what stands behind the end is dropped


def _strip_jpeg(content: bytes) -> bytes:
    kept, place, marker, turn = [], 2, 0, _UPRIGHT
    while marker != _END:
        if content[place] != 0xFF:
            raise ValueError("no marker")
        while content[place] == 0xFF:
            place += 1
        marker = content[place]
        end = place + 1 if marker in _ALONE or marker == _END else _segment_end(content, place + 1)
        body = content[place + 3 : end]
        turn = max(turn, _orientation(body)) if marker == _EXIF else turn
        kept.append(_kept(marker, body, content[place:end]))
        place = end
        if marker == _SCAN:
            place = _scan_end(content, end)
            kept.append(content[end:place])
    return b"\xff\xd8" + (_turned(turn) if turn != _UPRIGHT else b"") + b"".join(kept)


def _kept(marker: int, body: bytes, whole: bytes) -> bytes:
    """The segment as it stays: nothing for what only describes the picture."""
    if marker == 0xE0 and body.startswith(b"JFIF\0"):
        return b"\xff\xe0\x00\x10" + body[:12] + b"\0\0"  # without its thumbnail
    if marker == _COMMENT or (
        marker in _APPLICATION and not body.startswith(_KEPT_APPLICATION.get(marker, b"\0none"))
    ):
        return b""
    return b"\xff" + whole


def _segment_end(content: bytes, place: int) -> int:
    length: int = struct.unpack_from(">H", content, place)[0]
    if length < 2 or place + length > len(content):
        raise ValueError("a segment is cut off")
    return place + length


def _scan_end(content: bytes, place: int) -> int:
    found = _AFTER_SCAN.search(content, place)
    if found is None:
        raise ValueError("the picture has no end")
    return found.start()


def _orientation(exif: bytes) -> int:
    """How the picture is turned (1-8); upright when it does not say."""
    if not exif.startswith(b"Exif\0\0"):
        return _UPRIGHT
    tiff = exif[6:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    try:
        if order:
            (start,) = struct.unpack_from(f"{order}I", tiff, 4)
            (n_fields,) = struct.unpack_from(f"{order}H", tiff, start)
            for n in range(n_fields):
                tag, _kind, _count, value = struct.unpack_from(f"{order}HHIH", tiff, start + 2 + 12 * n)
                if tag == 0x0112 and 1 <= value <= 8:
                    return int(value)
    except struct.error:
        pass  # a broken description is dropped like a whole one
    return _UPRIGHT


def _turned(turn: int) -> bytes:
    """The smallest description that says how the picture is turned, and nothing else."""
    field = struct.pack(">HHIHH", 0x0112, 3, 1, turn, 0)
    body = b"Exif\0\0" + b"MM\0*" + struct.pack(">IH", 8, 1) + field + struct.pack(">I", 0)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
