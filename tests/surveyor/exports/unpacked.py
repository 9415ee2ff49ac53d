"""A reproduction package on the disk: run its own script, change a figure."""

import json
import subprocess
import sys
from pathlib import Path

from surveyor.exports import recount


def run_script(folder: Path) -> tuple[int, str]:
    """The script alone: no packages, no paths of ours."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", folder / "regn_etter.py"], cwd="/", capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def rewrite(folder: Path, change: dict[str, object], **where: object) -> None:
    """Change fields of the first row where other fields are as given."""
    head, *lines = (folder / "celler.jsonl").read_text().splitlines()
    for place, line in enumerate(lines):
        row = dict(zip(recount.FIELDS, json.loads(line), strict=True))
        if all(row[name] == value for name, value in where.items()):
            lines[place] = json.dumps([*(row | change).values()])
            break
    else:
        raise AssertionError("no such row")
    (folder / "celler.jsonl").write_text("\n".join([head, *lines, ""]))
