"""ANON-8 from outside: while a wave is open nothing anybody sees tells who has answered, or what.

Two installations differ only in who of the same people has answered or sent a sheet of paper, and in how many
of two small units did. Reminders have gone out, the rates are counted. Every page each role reaches must be
the same, and what is kept of jobs done.
"""

import re
from collections import defaultdict, deque
from html import unescape

from flask import Flask
from sqlalchemy import select

from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.jobs.models import Job
from tests.anonymity.live_waves import ANSWERED, MORE_ANSWERED, NOW, OTHERS_ANSWERED, MakeLive
from tests.factories import app_session, make_account, sign_in
from tests.planned_waves import CODE

ROLES = (
    (Role.ADMIN, "FK"), (Role.SURVEY_ADMIN, "FK"), (Role.HR, "FK"), (Role.CONTROLLER, "FK"),
    (Role.SCORECARD_OFFICE, "FK"), (Role.DIRECTOR, "OPP"), (Role.LEADER, "B2"), (Role.READER, "FK"),
)  # fmt: skip
STARTS = ("/", "/undersokelser/", f"/undersokelser/{CODE}", f"/undersokelser/{CODE}/personvern/", "/utboks/",
          "/logg/", "/papirsvar/", "/resultater/", "/styringskort/", "/kvalitet/")  # fmt: skip
LINK = re.compile(r'href="(/[^"#]*)')
OTHER = re.compile(r"lang=|^/static|logg-ut|/papirskjema|/skjema/|/utboks/[0-9a-f]{8}")
FRESH = re.compile(
    r'value="[\w.-]{40,}"|nonce="[^"]*"|\?v=[\w.-]+|[0-9a-f]{8}-[0-9a-f-]{27}|[\w-]{43}|kontrollsum: \w+'
    r"|<code>.*?</code>"
)
ROW = re.compile(r"(?=<tr)|(?<=</tr>)")


def seen(app: Flask, role: Role, unit: str) -> dict[str, list[str]]:
    """Everything a role reaches by links, without what is new every time; mails in no order."""
    client = app.test_client()
    with app_session(app) as session:
        account = make_account(session, role, unit, email=f"{role}-{unit}@fjordvik.test", name="Kari")
    sign_in(client, account)
    found: dict[str, list[str]] = defaultdict(list)
    waiting, known = deque(STARTS), set(STARTS)
    while waiting:
        url = waiting.popleft()
        page = client.get(url, follow_redirects=True)
        words = FRESH.sub("", page.text) if page.mimetype == "text/html" else page.mimetype
        found[FRESH.sub("", url)].append("\n".join(sorted(ROW.split(words))))
        links = {link for link in map(unescape, LINK.findall(page.text)) if not OTHER.search(link)}
        waiting += sorted(links - known)
        known |= links
    return {url: sorted(pages) for url, pages in found.items()}


def test_nothing_tells_who_has_answered(make_live: MakeLive) -> None:
    with clock.fixed_at(NOW):
        one, hidden = make_live("one", ANSWERED), make_live("hidden", OTHERS_ANSWERED, mirrored=True)
        shown = make_live("shown", MORE_ANSWERED)  # negative control
        for role, unit in ROLES:
            before, after, control = (seen(app, role, unit) for app in (one, hidden, shown))
            assert {url for url in {*before, *after} if before.get(url) != after.get(url)} == set(), role
            told_apart = {url for url in before if before[url] != control.get(url)}
            is_told = role in (Role.SURVEY_ADMIN, Role.HR)
            assert told_apart == ({f"/undersokelser/{CODE}"} if is_told else set()), role
        assert jobs(one) == jobs(hidden) == jobs(shown)


def jobs(app: Flask) -> list[tuple[str, int, int]]:
    """What is kept of the work done: how many reminders there were would be how many have not answered."""
    with app_session(app) as session:
        return sorted((job.kind, job.n_done, job.n_total) for job in session.scalars(select(Job)))
