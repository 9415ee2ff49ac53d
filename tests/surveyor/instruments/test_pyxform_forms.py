"""Other people's forms, out of pyxform's source distribution: taken or refused with the reason."""

import re
import subprocess
import sys
import tarfile
from collections import Counter
from pathlib import Path

import pytest

from surveyor.errors import InvalidInput
from surveyor.instruments.export import export_file
from surveyor.instruments.tryout import try_out
from surveyor.instruments.xlsform import read_xlsform

VERSION = "pyxform==1.0.0"
_MARKDOWN = re.compile(r'"""(.*?)"""', re.DOTALL)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pyxform")
    options = ["--quiet", "--no-deps", "--no-binary", ":all:", "--dest", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "download", *options, VERSION], check=True)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder


def judged(content: bytes, filename: str) -> str:
    """Taken, when it was answered to the end and came back the same from an export; else refused."""
    try:
        questionnaire = read_xlsform(content, filename=filename, code="form").questionnaire
    except InvalidInput as refused:
        return "refused" if all(map(str, refused.problems or [""])) else "refused without a reason"
    assert try_out(questionnaire, times=10).dead_ends == {}, filename
    for kind in ("md", "xlsx"):
        name, written = export_file(questionnaire, kind=kind)
        assert read_xlsform(written, filename=name).questionnaire.hash == questionnaire.hash, filename
    return "taken"


@pytest.mark.soak
def test_workbooks(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = sorted(path for path in source.rglob("*.xls*") if path.is_file())
    assert len(paths) == 58
    outcome = Counter(judged(path.read_bytes(), path.name) for path in paths)
    with capsys.disabled():
        sys.stdout.write(f"\npyxform's workbooks: {outcome['taken']} of {len(paths)} taken\n")
    assert outcome["taken"] >= 38


@pytest.mark.soak
def test_markdown_forms(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = [
        text for path in sorted(source.rglob("*.py")) for text in _MARKDOWN.findall(path.read_text("utf-8"))
    ]
    forms = [text for text in texts if re.search(r"^\s*\|\s*survey", text, re.MULTILINE)]
    assert len(forms) > 100
    outcome = Counter(judged(form.encode(), "form.md") for form in forms)
    with capsys.disabled():
        sys.stdout.write(f"\npyxform's markdown forms: {outcome['taken']} of {len(forms)} taken\n")
    assert outcome["taken"] >= 93  # most of the others are fragments without a question
    assert outcome["refused without a reason"] == 0
