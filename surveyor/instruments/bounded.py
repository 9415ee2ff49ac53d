"""Reads somebody's file in a process of its own that may use little memory and time."""

import json
import resource
import subprocess
import sys
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from surveyor.errors import N_, InvalidInput, Problem
from surveyor.instruments.findings import written
from surveyor.instruments.spec import Questionnaire
from surveyor.instruments.workbook import MAX_FILE
from surveyor.instruments.xlsform import Imported, read_xlsform
from surveyor.instruments.xlsform_media import MediaFile

MEMORY = 256 << 20
CPU_SECONDS = 5
_WALL_SECONDS = 60  # the machine may be busy; the CPU limit is what ends a bomb
_ROOT = Path(__file__).parents[2]


def read_bounded(content: bytes, *, filename: str, code: str | None = None) -> Imported:
    """The questionnaire in a file; raises InvalidInput with every problem, or when reading takes too much."""
    if len(content) > MAX_FILE:
        raise InvalidInput(N_("Filen er større enn %(limit)s MB."), limit=MAX_FILE >> 20)
    command = [sys.executable, "-m", "surveyor.instruments.bounded", filename, code or ""]
    too_much = InvalidInput(N_("Filen er for tung å lese. Gjør den mindre, og prøv igjen."))
    try:
        done = subprocess.run(  # the file comes by stdin; the arguments are never read by a shell
            command, input=content, capture_output=True, timeout=_WALL_SECONDS, cwd=_ROOT, env={}, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise too_much from error
    if done.returncode:
        raise too_much
    return _understood(json.loads(done.stdout))


def _understood(document: dict[str, Any]) -> Imported:
    problems = [Problem(**each) for each in document["problems"]]
    if "questionnaire" not in document:
        raise InvalidInput(*problems)
    files = {name: MediaFile(kind, b64decode(text)) for name, (kind, text) in document["files"].items()}
    return Imported(Questionnaire.from_json(document["questionnaire"]), tuple(problems), files)


def _bound() -> None:
    """From here on this process may take so much more memory and so many seconds."""
    own = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (own + MEMORY, own + MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _main(filename: str, code: str) -> None:
    content = sys.stdin.buffer.read()
    _bound()
    try:
        found = read_xlsform(content, filename=filename, code=code or None)
        files = {name: [f.media_type, b64encode(f.content).decode()] for name, f in found.files.items()}
        document = {
            "questionnaire": found.questionnaire.to_json(), "problems": map(written, found.notices),
            "files": files,
        }  # fmt: skip
    except InvalidInput as refused:
        document = {"problems": map(written, refused.problems)}
    sys.stdout.write(json.dumps({**document, "problems": list(document["problems"])}))


if __name__ == "__main__":
    _main(*sys.argv[1:3])
