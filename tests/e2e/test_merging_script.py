"""Merging two windows, as the script does it: nothing anybody answered goes unseen, whatever the order."""

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Browser, Route

from surveyor.config import ROOT

pytestmark = pytest.mark.timeout(60)

NAMES = ("a", "b")
VALUES: tuple[list[str], ...] = ([], ["1"], ["2"], ["1", "2"])
Answers = Mapping[str, list[str]]
RUN = """async ([address, cases]) => {
  const { merged } = await import(address);
  const map = (object) => new Map(Object.entries(object));
  return cases.map(({ base, mine, theirs, sent }) => {
    const { taken, replaced } = merged(map(base), map(mine), map(theirs), map(sent));
    return { taken: Object.fromEntries(taken), replaced: Object.fromEntries(replaced) };
  });
}"""


def serve(route: Route) -> None:
    name = route.request.url.rpartition("/")[2]
    if name:
        path = ROOT / "surveyor" / "static" / "answering" / name
        route.fulfill(path=path, content_type="text/javascript")
    else:
        route.fulfill(body="", content_type="text/html")


@pytest.fixture(scope="module")
def merge(browser: Browser) -> Iterator[Callable[[list[dict[str, Answers]]], list[Any]]]:
    """The script's own function, run on many cases at once, from the files and without a server."""
    page = browser.new_page()
    page.route("http://scripts.test/**", serve)
    page.goto("http://scripts.test/")
    yield lambda cases: page.evaluate(RUN, ["http://scripts.test/merging.js", cases])
    page.close()


def wrong(case: Mapping[str, Answers], found: Mapping[str, Answers]) -> str | None:
    """What nobody may live with: an answer of either window that is neither shown nor told."""
    for name in NAMES:
        mine, base = case["mine"][name], case["base"][name]
        stored = case["theirs"].get(name, [])
        after = found["taken"].get(name, mine)
        changed_here, changed_there = mine != base, stored != base
        if changed_here and after != mine:
            return f"{name}: changed here, and taken away"
        is_known = not case["theirs"] or stored in (base, mine, case["sent"].get(name))
        if changed_there and stored and stored != after and not is_known and name not in found["replaced"]:
            return f"{name}: changed in the other window, and overruled unseen"
        if name in found["replaced"] and not changed_here:
            return f"{name}: told of a conflict that is none"
    return None


def cases(n: int) -> list[dict[str, Answers]]:
    """Chance cases of two questions: what was known, what each window says, what is on its way."""
    chance = Random(8)

    def some(share: float) -> Answers:
        return {name: chance.choice(VALUES) for name in NAMES if chance.random() < share}

    drawn = ({"base": some(1), "mine": some(1), "theirs": some(0.8), "sent": some(0.3)} for _ in range(n))
    return [{**case, "theirs": {k: v for k, v in case["theirs"].items() if v}} for case in drawn]


def test_no_answer_of_either_window_goes_unseen(
    merge: Callable[[list[dict[str, Answers]]], list[Any]],
) -> None:
    drawn = cases(4_000)
    for case, found in zip(drawn, merge(drawn), strict=True):
        assert wrong(case, found) is None, (case, found)


def test_keeping_simply_what_this_window_shows_would_be_noticed() -> None:
    """The control: a careless merge overrules somebody unseen, and the check says so."""
    careless: dict[str, Answers] = {"taken": {}, "replaced": {}}
    assert any(wrong(case, careless) for case in cases(100))
