"""Files of results: whom they are for, what they hold, how they are made; and how to count again."""

import csv
import io
import json
import os
import time
import zipfile
from datetime import timedelta

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from blueprints import result_frame
from surveyor.accounts.enums import Role
from surveyor.audit.models import AuditEntry
from surveyor.config import Settings
from surveyor.exports.queries import FOLDER
from surveyor.jobs.runner import run_next_job
from surveyor.releases.enums import CellState
from surveyor.releases.spec import Row
from surveyor.worker import load_tasks
from tests.factories import app_session, browser, make_account, post, sign_in
from tests.two_releases import released


def test_files_hold_the_unit_and_what_lies_below(settled: Flask) -> None:
    director = browser(settled, Role.DIRECTOR, "A")
    answer = director.get("/resultater/W2/enhet/A/fil/csv")
    assert answer.status_code == 200
    assert "W2-A.csv" in answer.headers["Content-Disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert {line["unit"] for line in lines} == {"A", "A1", "A2"}
    book = director.get("/resultater/W2/enhet/A/fil/xlsx")
    assert "Resultater" in CalamineWorkbook.from_filelike(io.BytesIO(book.data)).sheet_names


@pytest.mark.parametrize(
    ("role", "unit", "status"),
    [(Role.DIRECTOR, "B", 404), (Role.HR, "A1", 404), (Role.SURVEY_ADMIN, "K", 200)],
)
def test_files_are_for_hr_and_directors_of_the_unit(
    settled: Flask, role: Role, unit: str, status: int
) -> None:
    client = browser(settled, role, unit)
    assert client.get("/resultater/W2/enhet/A/fil/csv").status_code == status
    ordered = post(client, "/resultater/W2/enhet/A/fil", {"format": "xlsx"}).status_code
    assert ordered == (302 if status == 200 else status)


def test_one_who_leads_here_and_directs_there_takes_files_only_there(settled: Flask) -> None:
    client = settled.test_client()
    with app_session(settled) as session:
        account = make_account(session, Role.LEADER, "A1")
        other = make_account(session, Role.DIRECTOR, "B")
        account.grants.append(other.grants.pop())
    sign_in(client, account)
    assert client.get("/resultater/W2/enhet/A1").status_code == 200
    assert client.get("/resultater/W2/enhet/A1/fil/csv").status_code == 404
    assert client.get("/resultater/W2/enhet/B1/fil/csv").status_code == 200


def test_an_unknown_format_is_refused(settled: Flask) -> None:
    hr = browser(settled, Role.HR, "K")
    assert hr.get("/resultater/W2/enhet/A/fil/exe").status_code == 404
    assert post(hr, "/resultater/W2/enhet/A/fil", {"format": "exe"}).status_code == 400


def test_a_large_file_is_written_by_the_worker(
    settled: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result_frame, "DIRECT_CELLS", 100)
    hr, leader = browser(settled, Role.HR, "K"), browser(settled, Role.DIRECTOR, "B")
    assert "Lag Excel-fil" in hr.get("/resultater/W2/enhet/A").text
    assert hr.get("/resultater/W2/enhet/A/fil/xlsx").status_code == 404
    progress = post(hr, "/resultater/W2/enhet/A/fil", {"format": "xlsx"}).location
    assert "Filen lages nå" in hr.get(progress).text
    assert hr.get(f"{progress}/hent").status_code == 404
    load_tasks()
    assert run_next_job(settled.extensions["surveyor.engine"], settings)
    assert "Filen er klar" in hr.get(progress).text
    book = CalamineWorkbook.from_filelike(io.BytesIO(hr.get(f"{progress}/hent").data))
    codes = {row[0] for row in book.get_sheet_by_name("Svarprosent").to_python()[1:]}
    assert codes == {"A", "A1", "A2"}
    assert leader.get(progress).status_code == 404
    assert leader.get(f"{progress}/hent").status_code == 404
    with app_session(settled) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "results.file_ordered")).one()
        assert entry.details == {"unit": "A", "format": "xlsx"}
    (file,) = (settings.instance / FOLDER).glob("*.xlsx")
    file.unlink()
    assert "Lag filen på nytt" in hr.get(progress).text


def test_files_are_thrown_away_after_a_day(settled: Flask, settings: Settings) -> None:
    hr, engine = browser(settled, Role.HR, "K"), settled.extensions["surveyor.engine"]
    load_tasks()
    post(hr, "/resultater/W2/enhet/A/fil", {"format": "csv"})
    assert run_next_job(engine, settings)
    (old,) = (settings.instance / FOLDER).glob("*.csv")
    yesterday = time.time() - timedelta(days=1, hours=1).total_seconds()
    os.utime(old, (yesterday, yesterday))
    post(hr, "/resultater/W2/enhet/B/fil", {"format": "csv"})
    assert run_next_job(engine, settings)
    assert not old.exists()
    assert len(list((settings.instance / FOLDER).glob("*.csv"))) == 1


def test_the_method_page_says_what_was_held_back_and_offers_the_package_to_some(settled: Flask) -> None:
    page = browser(settled, Role.HR, "K").get("/resultater/W2/slik-regner-vi").text
    cells = [row for row in released(settled) if row.measure == "index"]
    bare = [row for row in cells if not row.compared_to]
    shown = sum(row.state is CellState.SHOWN for row in bare)
    assert f"vises {shown} av {len(bare)} indekser" in page
    assert "Formlene, i ord" in page
    assert "regn-etter.zip" in page
    for role, unit, status in ((Role.DIRECTOR, "A", 404), (Role.LEADER, "K", 403), (Role.HR, "K", 200)):
        client = browser(settled, role, unit)
        assert ("regn-etter.zip" in client.get("/resultater/W2/slik-regner-vi").text) is (status == 200)
        assert client.get("/resultater/W2/regn-etter.zip").status_code == status


def test_the_package_is_the_release(settled: Flask) -> None:
    answer = browser(settled, Role.HR, "K").get("/resultater/W2/regn-etter.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as package:
        rows = [Row(*json.loads(line)) for line in package.read("celler.jsonl").splitlines()[1:]]
    assert rows == released(settled)
