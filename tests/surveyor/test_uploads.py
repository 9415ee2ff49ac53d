"""What may be attached: known by its content, whatever it is called."""

import zipfile
from io import BytesIO

import pytest

from surveyor.errors import InvalidInput
from surveyor.uploads import MAX_SIZE, MEDIA_TYPES, checked_upload, safe_name

EXE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200)


def zipped(*names: str, first: tuple[str, str] | None = None) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if first:
            archive.writestr(*first)
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


SAMPLES = {
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    "png": b"\x89PNG\r\n\x1a\n" + bytes(20),
    "jpg": b"\xff\xd8\xff\xe0" + bytes(20),
    "docx": zipped("[Content_Types].xml", "word/document.xml"),
    "xlsx": zipped("[Content_Types].xml", "xl/workbook.xml"),
    "odt": zipped("content.xml", first=("mimetype", MEDIA_TYPES["odt"])),
    "ods": zipped("content.xml", first=("mimetype", MEDIA_TYPES["ods"])),
    "txt": "Rutine for nøkler\r\n".encode(),
    "mp3": b"\xff\xfb\x90\x00" + bytes(20),
    "m4a": b"\0\0\0\x0cftypM4A ",
    "wav": b"RIFF\x04\0\0\0WAVE",
    "mp4": b"\0\0\0\x0cftypisom",
}


@pytest.mark.parametrize("kind", MEDIA_TYPES)
def test_each_kind_on_the_list_is_taken_under_its_own_name_only(kind: str) -> None:
    assert checked_upload(filename=f"rutine.{kind}", content=SAMPLES[kind]) == (
        f"rutine.{kind}",
        MEDIA_TYPES[kind],
    )
    alike = {"m4a", "mp4"} if kind in ("m4a", "mp4") else {kind}  # one container for sound and film
    for other in set(MEDIA_TYPES) - {*alike, "txt"}:
        with pytest.raises(InvalidInput):
            checked_upload(filename=f"rutine.{other}", content=SAMPLES[kind])


@pytest.mark.parametrize("kind", MEDIA_TYPES)
def test_a_program_is_refused_whatever_it_is_called(kind: str) -> None:
    with pytest.raises(InvalidInput):
        checked_upload(filename=f"rutine.{kind}", content=EXE)


@pytest.mark.parametrize(
    "name", ["rutine.exe", "rutine.html", "rutine.svg", "rutine", "rutine.docm", ".pdf", "a.pdf.js"]
)
def test_other_kinds_are_refused_whatever_they_hold(name: str) -> None:
    with pytest.raises(InvalidInput):
        checked_upload(filename=name, content=SAMPLES["pdf"])


def test_macros_are_refused() -> None:
    content = zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")
    with pytest.raises(InvalidInput):
        checked_upload(filename="rutine.docx", content=content)


def test_too_big_and_empty_are_refused() -> None:
    start = SAMPLES["pdf"]
    assert checked_upload(filename="a.pdf", content=start + bytes(MAX_SIZE - len(start)))
    for content in (start + bytes(MAX_SIZE - len(start) + 1), b""):
        with pytest.raises(InvalidInput):
            checked_upload(filename="a.pdf", content=content)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\kari\\Rutine for nøkler.pdf", "Rutine for nøkler.pdf"),
        ("a\r\nb\u202efdp.pdf", "abfdp.pdf"),
        ("Bilde.JPEG", "Bilde.JPEG"),
    ],
)
def test_names_lose_paths_and_hidden_characters(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def test_long_names_keep_their_ending() -> None:
    assert safe_name("x" * 500 + ".pdf").endswith("x.pdf")
    assert len(safe_name("x" * 500 + ".pdf")) <= 120
