"""Reads thousands of damaged workbooks within the limits of the bounded reader; prints what came of them.

Run as a process of its own: python -m tests.surveyor.instruments.mutations N
"""

import io
import json
import random
import sys
import time
import zipfile
from collections import Counter

from surveyor.errors import InvalidInput
from surveyor.instruments import bounded
from surveyor.instruments.export import export_file
from surveyor.instruments.xlsform import read_xlsform
from tests.surveyor.instruments.forms import trial, whole


def members_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def damaged(content: bytes, chance: random.Random) -> bytes:
    """One workbook spoiled in one of the ways that hostile and broken files are."""
    kind = chance.randrange(7)
    if kind == 0:
        spoiled = bytearray(content)
        for _ in range(chance.randint(1, 30)):
            spoiled[chance.randrange(len(spoiled))] ^= 1 << chance.randrange(8)
        return bytes(spoiled)
    if kind == 1:
        return content[: chance.randrange(len(content))]
    members = list(members_of(content).items())
    place = chance.randrange(len(members))
    name, body = members[place]
    if kind == 2:
        del members[place]
    elif kind == 3:
        members.insert(place, (name, body[: len(body) // 2]))
    elif kind == 4:
        members[place] = (chance.choice(["xl/worksheets/sheet9.xml", "../x", "[Content_Types].xml"]), body)
    elif kind == 5:
        far = chance.choice(
            [b'r="XFD1048576"', b'r="A1048576"', b'r="ZZZ1"', b'r="A99999999999"', b'r="&#65;1"']
        )
        members[place] = (name, body.replace(b'r="B2"', far))
    else:
        bomb = b'<!DOCTYPE s [<!ENTITY a "' + b"x" * 9_000 + b'">]>' + b"&a;" * 1_000
        members[place] = (
            name,
            chance.choice([bomb + body, b"\0" * chance.choice([10, 60_000_000]), body * 40]),
        )
    return zipped(members)


def main(n: int) -> None:
    sound = [export_file(asked, kind="xlsx")[1] for asked in (trial(), whole())]
    chance, outcome, slowest = random.Random(2), Counter[str](), 0.0
    files = (damaged(chance.choice(sound), chance) for _ in range(n))
    for number, content in enumerate(files):
        if number == 0:
            bounded._bound()
        start = time.process_time()
        try:
            read_xlsform(content, filename="a.xlsx")
            outcome["taken"] += 1
        except InvalidInput:
            outcome["refused"] += 1
        slowest = max(slowest, time.process_time() - start)
    sys.stdout.write(json.dumps({**outcome, "slowest": slowest}))


if __name__ == "__main__":
    bounded.CPU_SECONDS = 600  # for all of them together; each is timed by itself
    main(int(sys.argv[1]))
