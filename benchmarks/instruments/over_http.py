"""A page of a long questionnaire over HTTP: fetched and saved by a respondent who has answered everything."""

import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.answering.__main__ import make_surveyor, running
from benchmarks.answering.visitor import Visitor
from benchmarks.instruments.long_forms import PER_PAGE, long_form

SIZES = (20, 1_000)


def page_milliseconds(times: int = 120) -> dict[int, tuple[float, float]]:
    """Milliseconds to fetch and to save the first page, by the number of items.

    Asked by turns; medians.
    """
    with ExitStack() as stack:
        visits = {}
        for n in SIZES:
            folder = stack.enter_context(TemporaryDirectory())
            (token,), environment = make_surveyor(Path(folder), 1, long_form(n))
            port, _ = stack.enter_context(running("wsgi:app", environment))
            visits[n] = _Visit(port, token, n)
        found: dict[int, list[tuple[float, float]]] = {n: [] for n in SIZES}
        for _ in range(times):
            for n, visit in visits.items():
                found[n].append((visit.fetch(), visit.save()))
    return {
        n: (median(get for get, _ in each), median(post for _, post in each)) for n, each in found.items()
    }


class _Visit:
    """One respondent who has answered everything and goes back to the first page."""

    def __init__(self, port: int, token: str, n_items: int) -> None:
        self.visitor = Visitor(port)
        self.visitor.get(b"/medarbeider/s/" + token.encode())
        self.home = self.visitor.path.partition(b"?")[0]
        page = self.visitor.get(self._side(0))
        for number in range(n_items // PER_PAGE):
            page = self.visitor.post(self._side(number), self._answers(number, page))
        self.page = self.visitor.get(self._side(0))

    def fetch(self) -> float:
        return self._milliseconds(b"GET", {})

    def save(self) -> float:
        return self._milliseconds(b"POST", self._answers(0, self.page))

    def _side(self, number: int) -> bytes:
        return self.home + b"/side/%d" % (number + 1)

    def _answers(self, number: int, page: bytes) -> dict[bytes, bytes]:
        names = range(number * PER_PAGE, (number + 1) * PER_PAGE)
        chosen = {b"q-i%d" % name: b"%d" % (3 if name % 10 == 4 else 2) for name in names}
        return {**Visitor.hidden(page), b"to": b"neste", **chosen}

    def _milliseconds(self, method: bytes, fields: dict[bytes, bytes]) -> float:
        content = b"&".join(name + b"=" + value for name, value in fields.items())
        started = time.perf_counter()
        head, body = self.visitor.ask(method, self._side(0), content)
        took = (time.perf_counter() - started) * 1e3
        assert head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 303", b"HTTP/1.1 302")), head + body[:500]
        self.page = body if method == b"GET" else self.page
        return took
