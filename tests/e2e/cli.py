"""The command line as its users call it, on an installation of the test's own."""

import csv
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pandas as pd
from click.testing import CliRunner

from surveyor.cli import main

Run = Callable[..., str]
HEADER = (
    "wave,unit,cut,category,kind,item,measure,n,value,low,high,compared_to,difference,p,p_adjusted,effect,"
    "verdict,state"
)


def runner(folder: Path) -> Run:
    """`run("units", "import", ...)` runs a command that must succeed, and gives what it printed."""
    environment = {"SURVEYOR_INSTANCE": str(folder / "instance")}

    def run(*arguments: object, exit_code: int = 0) -> str:
        done = CliRunner().invoke(main, [str(each) for each in arguments], env=environment)
        assert done.exit_code == exit_code, (arguments, done.output, done.exception)
        return done.output

    return run


def write_units(path: Path, units: Mapping[str, str | None]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("code", "name", "type", "parent"))
        writer.writerows((code, f"Enhet {code}", "enhet", parent or "") for code, parent in units.items())
    return path


def write_answers(path: Path, frame: pd.DataFrame, unit: str, items: Iterable[str]) -> Path:
    """unit,<items>: codes, empty where there is no answer."""
    chosen = frame[[unit, *items]].rename(columns={unit: "unit"})
    chosen.convert_dtypes().to_csv(path, index=False)
    return path


def read_results(path: Path) -> pd.DataFrame:
    """The tidy file; codes stay text, empty numbers are NaN."""
    text = ("wave", "unit", "cut", "category", "kind", "item", "measure", "compared_to", "verdict", "state")
    table = pd.read_csv(path, dtype=dict.fromkeys(text, str), keep_default_na=False, na_values={
        name: [""] for name in ("n", "value", "low", "high", "difference", "p", "p_adjusted", "effect")
    })  # fmt: skip
    assert list(table.columns) == HEADER.split(",")
    return table


def whole_way(
    run: Run,
    folder: Path,
    *,
    units: Path,
    form: Path,
    instrument: str,
    answers: Path,
    wave: str,
    opens: str,
    closes: str,
) -> pd.DataFrame:
    """Units, questionnaire, wave, answers, closing, results: nine commands."""
    run("units", "import", units, "--on", "2020-01-01")
    run("instruments", "import", form, "--freeze")
    one_wave(run, instrument=instrument, answers=answers, wave=wave, opens=opens, closes=closes)
    return results_of(run, folder, wave)


def one_wave(run: Run, *, instrument: str, answers: Path, wave: str, opens: str, closes: str) -> None:
    run(
        "waves",
        "create",
        wave,
        "--instrument",
        instrument,
        "--audience",
        "employee",
        "--opens",
        opens,
        "--closes",
        closes,
    )
    run("waves", "launch", wave)
    run("responses", "import", wave, answers, "--mode", "paper")
    run("waves", "close", wave)


def results_of(run: Run, folder: Path, wave: str, *options: str) -> pd.DataFrame:
    out = folder / f"{wave}.csv"
    run("results", wave, "--format", "csv", "--out", out, *options)
    return read_results(out)
