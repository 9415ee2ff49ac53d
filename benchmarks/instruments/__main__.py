"""Prints the time of reading 20 and 1,000 items, and of one answered page of each."""

import sys

from flask import Flask
from flask_babel import Babel

from benchmarks.instruments.long_forms import import_seconds, long_form, page_seconds
from surveyor.config import ROOT


def main() -> None:
    """One line a size, then the ratio of the pages."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"))
    Babel(app)
    app.jinja_env.filters |= {"problem": str, "problem_place": str}  # of macros that no question uses
    template = app.jinja_env.from_string(
        '{% from "instruments/_questions.html" import questions %}{{ questions(form) }}'
    )
    times = {}
    with app.test_request_context("/"):
        for n in (20, 1_000):
            times[n] = page_seconds(long_form(n), lambda form: template.render(form=form))
            sys.stdout.write(
                f"{n:5d} items: read {import_seconds(n):.2f} s, a page {times[n] * 1e3:.2f} ms\n"
            )
    sys.stdout.write(f"a page of 1,000 items costs {times[1_000] / times[20]:.2f} times one of 20\n")


if __name__ == "__main__":
    main()
