"""What may be uploaded: an allow-list of kinds, known by content and not by name only."""

import unicodedata
import zipfile
from collections.abc import Callable, Collection, Mapping
from io import BytesIO

from surveyor.errors import N_, InvalidInput
from surveyor.images import without_metadata
from surveyor.recordings import without_tags

MAX_SIZE = 10 * 2**20
MAX_FILES = 20
_MAX_NAME = 120
_MAX_MEMBERS = 5_000
_TEXT_SAMPLE = 64 * 2**10

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "txt": "text/plain",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "wav": "audio/wav",
    "mp4": "video/mp4",
}
ACCEPTED: Mapping[str, Collection[str]] = {
    "image": ("jpg", "png"),
    "audio": ("m4a", "mp3", "wav"),
    "video": ("mp4",),
    "file": tuple(MEDIA_TYPES),
}
"""The kinds that a question for a picture, a recording, a film or any file takes."""


def suffixes(accept: str) -> str:
    """The kinds as a browser's file field wants them."""
    return ",".join(f".{kind}" for kind in ACCEPTED[accept]) + (",.jpeg" if accept == "image" else "")


def cleaned(content: bytes, media_type: str) -> bytes:
    """A file without what cameras, recorders and programs add to it; raises InvalidInput for a broken one."""
    return without_tags(without_metadata(content, media_type), media_type)


def checked_upload(*, filename: str, content: bytes, accept: str = "file") -> tuple[str, str]:
    """A safe file name and the media type of an upload; raises InvalidInput for what is not on the list."""
    kinds = ACCEPTED[accept]
    name = safe_name(filename)
    stem, _, extension = name.rpartition(".")
    extension = extension.lower().replace("jpeg", "jpg") if stem else ""
    if not content:
        raise InvalidInput(N_("Filen er tom."))
    if len(content) > MAX_SIZE:
        raise InvalidInput(N_("Filen er for stor. Den kan være høyst %(limit)s MB."), limit=MAX_SIZE >> 20)
    if extension not in kinds:
        message = N_("Denne filtypen kan ikke legges ved. Bruk en av disse: %(kinds)s.")
        raise InvalidInput(message, kinds=", ".join(kinds))
    if not _CHECKS[extension](content):
        raise InvalidInput(
            N_("Innholdet i filen er ikke av typen %(kind)s. Lagre dokumentet på nytt og prøv igjen."),
            kind=extension,
        )
    return name, MEDIA_TYPES[extension]


def safe_name(filename: str) -> str:
    """The last part of a path without control and direction characters, short enough to keep."""
    last = unicodedata.normalize("NFC", filename.replace("\\", "/")).rpartition("/")[2]
    printable = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(" .")
    stem, dot, extension = printable.rpartition(".")
    return f"{stem[: _MAX_NAME - 10]}{dot}{extension[:9]}" if stem else printable[:_MAX_NAME]


def _begins(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(signatures)


def _office(folder: str) -> Callable[[bytes], bool]:
    def check(content: bytes) -> bool:
        names = _members(content)
        has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
        return "[Content_Types].xml" in names and any(n.startswith(folder) for n in names) and not has_macros

    return check


def _open_document(media_type: str) -> Callable[[bytes], bool]:
    # the format asks for an uncompressed first member "mimetype", so that it stands at byte 30
    return lambda content: (
        content[30:].startswith(b"mimetype" + media_type.encode()) and "content.xml" in _members(content)
    )


def _members(content: bytes) -> frozenset[str]:
    """The names in a zip file; none for what is not one or holds too many."""
    if not content.startswith(b"PK\x03\x04"):
        return frozenset()
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return frozenset()
    return frozenset(names) if len(names) <= _MAX_MEMBERS else frozenset()


def _is_wave(content: bytes) -> bool:
    return content.startswith(b"RIFF") and content[8:12] == b"WAVE"


def _is_mp4(content: bytes) -> bool:
    return content[4:8] == b"ftyp"


def _is_text(content: bytes) -> bool:
    if content.startswith((b"MZ", b"\x7fELF", b"#!")):
        return False
    sample = content[:_TEXT_SAMPLE]
    return not any(byte < 32 and byte not in b"\t\n\r\f" for byte in sample)


_CHECKS: dict[str, Callable[[bytes], bool]] = {
    "pdf": _begins(b"%PDF-"),
    "png": _begins(b"\x89PNG\r\n\x1a\n"),
    "jpg": _begins(b"\xff\xd8\xff"),
    "docx": _office("word/"),
    "xlsx": _office("xl/"),
    "odt": _open_document(MEDIA_TYPES["odt"]),
    "ods": _open_document(MEDIA_TYPES["ods"]),
    "txt": _is_text,
    "mp3": _begins(b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa"),
    "m4a": _is_mp4,
    "wav": _is_wave,
    "mp4": _is_mp4,
}
