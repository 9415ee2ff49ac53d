"""Pictures and sound made of the least that counts as such, with whatever they should not tell."""

import io
import struct
import zipfile
import zlib

from surveyor.instruments.xlsform import Imported, read_xlsform

FRAME = b"\xff\xfb\x90\x00" + bytes(400)
"""One frame of an MP3."""

TABLES = b"\xff\xdb\x00\x05abc"
SCAN = b"\xff\xda\x00\x04ab" + b"picture\xff\x00more\xff\xd3still"
SECOND_SCAN = b"\xff\xc4\x00\x04zz" + b"\xff\xda\x00\x04ab" + b"finer"


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def exif(secret: bytes = b"", *, turn: int = 1, order: str = "<") -> bytes:
    """A description of two fields, the way it is turned, and a secret behind them."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    fields = struct.pack(f"{order}HHIHH", 0x010F, 2, 4, 0, 0) + struct.pack(
        f"{order}HHIHH", 0x0112, 3, 1, turn, 0
    )
    return b"Exif\0\0" + mark + struct.pack(f"{order}IH", 8, 2) + fields + bytes(4) + secret


def jpeg(description: bytes | None = None, *, comment: bytes | None = None, behind: bytes = b"") -> bytes:
    parts = [b"\xff\xd8", segment(0xE0, b"JFIF\0\x01\x02\x01\x00H\x00H\x01\x01THUMB")]
    parts += [segment(0xE1, description)] if description else []
    parts += [segment(0xFE, comment)] if comment else []
    parts += [segment(0xE2, b"ICC_PROFILE\0colour"), segment(0xE2, b"MPF\0second picture")]
    return b"".join([*parts, TABLES, SCAN, SECOND_SCAN, b"\xff\xd9", behind])


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*extra: bytes, behind: bytes = b"") -> bytes:
    ends = chunk(b"IDAT", b"picture") + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + b"".join(extra) + ends + behind


FORM = """
| survey | | | | | | | |
| | type | name | label | media::image::nb (nb) | media::alt::nb (nb) | media::audio | big-image |
| | note | look | Se på bildet | map.jpg | Kart over bygget | | map-large.jpg |
| | select_one c | where | | map.jpg | Hvor i bygget? | door.mp3 | |
| choices | | | | |
| | list_name | name | label | image |
| | c | a | A | a.jpg |
| | c | b | B | |
"""
FILES = {
    "map.jpg": jpeg(exif(b"GPS 59.9")),
    "media/map-large.jpg": jpeg(comment=b"Kari"),
    "door.mp3": FRAME,
    "a.jpg": jpeg(),
    "never-used.jpg": jpeg(),
}


def archive(form: str = FORM, files: dict[str, bytes] = FILES) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as written:
        for name, content in {"form.md": form.encode(), **files}.items():
            written.writestr(name, content)
    return buffer.getvalue()


def taken(content: bytes) -> Imported:
    return read_xlsform(content, filename="form.zip", code="form")
