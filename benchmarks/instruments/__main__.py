"""Prints the time of reading 20 and 1,000 items, and of one answered page of each, within and over HTTP."""

import sys
from pathlib import Path
from secrets import token_urlsafe
from tempfile import TemporaryDirectory

from benchmarks.instruments.long_forms import import_seconds, long_form, page_seconds
from benchmarks.instruments.over_http import SIZES, page_milliseconds
from surveyor import create_app
from surveyor.config import load_settings

GOAL = 1.5


def main() -> None:
    """One line a size, then the ratio of the pages."""
    with TemporaryDirectory() as folder:
        app = create_app(
            load_settings(Path(folder), secret_key=token_urlsafe(48), code_pepper=token_urlsafe(48))
        )
    template = app.jinja_env.from_string(
        '{% from "instruments/_questions.html" import questions %}{{ questions(form) }}'
    )
    times = {}
    with app.test_request_context("/"):
        for n in SIZES:
            times[n] = page_seconds(long_form(n), lambda form: template.render(form=form))
            sys.stdout.write(
                f"{n:5d} items: read {import_seconds(n):.2f} s, a page {times[n] * 1e3:.2f} ms\n"
            )
    sys.stdout.write(f"a page of 1,000 items costs {times[1_000] / times[20]:.2f} times one of 20\n")
    report_over_http(page_milliseconds())


def report_over_http(found: dict[int, tuple[float, float]]) -> None:
    """One line a size, then the ratio of fetching and saving together."""
    for n, (fetched, saved) in found.items():
        sys.stdout.write(f"{n:5d} items over HTTP: fetched in {fetched:.2f} ms, saved in {saved:.2f} ms\n")
    short, long = (sum(found[n]) for n in SIZES)
    sys.stdout.write(
        f"a page of 1,000 items takes {long / short:.2f} times one of 20 (goal at most {GOAL})\n"
    )


if __name__ == "__main__":
    main()
