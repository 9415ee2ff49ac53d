"""Pictures, sound and film that an XLSForm shows with questions and answers, out of the archive around it."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePath
from typing import NamedTuple

from surveyor.errors import N_, InvalidInput
from surveyor.instruments.columns import MEDIA_KINDS, Headings
from surveyor.instruments.findings import Findings
from surveyor.instruments.spec import Text
from surveyor.instruments.workbook import Row, is_package
from surveyor.uploads import ACCEPTED, checked_upload, cleaned

_ACCEPT = {"image": "image", "big-image": "image", "audio": "audio", "video": "video"}
_SHOWN = frozenset(kind for accept in ("image", "audio", "video") for kind in ACCEPTED[accept]) | {"jpeg"}


class MediaFile(NamedTuple):
    """A file as it is stored and served."""

    media_type: str
    content: bytes


def attached_files(content: bytes) -> Mapping[str, bytes]:
    """The pictures, sounds and films in an archive, by file name; none for a lone workbook."""
    if content[:2] != b"PK" or not is_package(content):
        return {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(PurePath(each.filename), each) for each in archive.infolist() if not each.is_dir()]
        return {path.name: archive.read(each) for path, each in members if path.suffix.lower()[1:] in _SHOWN}


@dataclass
class Media:
    """What is attached, and what of it the form uses."""

    attached: Mapping[str, bytes]
    findings: Findings
    names: dict[str, str] = field(default_factory=dict)
    """SHA-256 by file name."""
    files: dict[str, MediaFile] = field(default_factory=dict)
    """The files by their SHA-256."""

    def of(self, row: Row, headings: Headings, *, needs_words: bool = True) -> dict[str, Text]:
        """What a row shows, by kind and language; a notice for each file that is not attached."""
        found: dict[str, dict[str, str]] = {}
        for column in headings.columns:
            kind = column.name.removeprefix("media::")
            if kind == column.name or kind not in MEDIA_KINDS or not (cell := row.get(column.heading)):
                continue
            shown = cell if kind == "alt" else self._file(row, column.heading, kind, cell)
            if shown:
                found.setdefault(kind, {})[column.language or headings.default_language] = shown
        if not any(kind in found for kind in _ACCEPT):
            return {}
        if needs_words and "image" in found and "alt" not in found:
            message = N_("Bildet mangler tekst for dem som ikke ser det. Skriv den i kolonnen media::alt.")
            self.findings.notice(row, None, message)
        return dict(found)

    def _file(self, row: Row, column: str, kind: str, written: str) -> str:
        """The name of an attached file, which is kept; empty with a message where there is none."""
        name = PurePath(written.replace("\\", "/")).name
        if name in self.names:
            return name
        if name not in self.attached:
            message = N_("«%(file)s» er ikke lagt ved og vises ikke. Last opp en .zip med skjemaet og filen.")
            self.findings.notice(row, column, message, file=name[:80])
            return ""
        try:
            _, media_type = checked_upload(filename=name, content=self.attached[name], accept=_ACCEPT[kind])
            content = cleaned(self.attached[name], media_type)
        except InvalidInput as refused:
            for problem in refused.problems:
                self.findings.problem(row, column, problem.message, **problem.params)
            return ""
        digest = sha256(content).hexdigest()
        self.names[name], self.files[digest] = digest, MediaFile(media_type, content)
        return name
