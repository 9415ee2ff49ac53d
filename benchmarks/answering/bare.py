"""The yardstick: the same twenty questions on the same pages, with nothing but Flask, Jinja and sqlite3.

The same words and controls; no sealing, no padding, no routing, no languages, no access rules, no CSRF:
the least a server can do.
"""

import os
import secrets
import sqlite3
from threading import local

from flask import Flask, abort, g, redirect, render_template, request
from werkzeug.wrappers import Response

PAGES = [[f"q{n}" for n in range(1, 11)], [f"q{n}" for n in range(11, 21)]]
CODES = ("1", "2", "3", "4", "5", "9")
LABELS = dict(zip(CODES, ("Grad 1", "Grad 2", "Grad 3", "Grad 4", "Grad 5", "Vet ikke"), strict=True))

app = Flask(__name__)

_kept = local()


def database() -> sqlite3.Connection:
    if not hasattr(_kept, "connection"):
        _kept.connection = sqlite3.connect(os.environ["BARE_DATABASE"], isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
            _kept.connection.execute(f"PRAGMA {pragma}")
    return _kept.connection


def answers_so_far(token: str) -> dict[str, str]:
    return dict(database().execute("SELECT item, code FROM draft WHERE token = ?", (token,)))


@app.get("/s/<token>")
def enter(token: str) -> Response:
    if database().execute("SELECT 1 FROM invited WHERE token = ?", (token,)).fetchone() is None:
        abort(404)
    response = redirect("/velkommen", 303)
    response.set_cookie("token", token, httponly=True)
    return response


@app.get("/velkommen")
def welcome() -> str:
    has_begun = bool(answers_so_far(request.cookies["token"]))
    return render_template("welcome.html", title="Fortsett" if has_begun else "Velkommen")


@app.get("/side/<int:number>")
def page(number: int) -> str:
    answers = answers_so_far(request.cookies["token"])
    return render_template(
        "page.html",
        title=f"Side {number}",
        number=number,
        items=PAGES[number - 1],
        labels=LABELS,
        answers=answers,
    )


@app.post("/side/<int:number>")
def answer(number: int) -> Response:
    token = request.cookies["token"]
    chosen = {item: request.form.get(f"q-{item}", "") for item in PAGES[number - 1]}
    if any(code not in CODES for code in chosen.values()):
        abort(422)
    g.rows = [(token, item, code) for item, code in chosen.items()]
    connection = database()
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT OR REPLACE INTO draft (token, item, code) VALUES (?, ?, ?)", g.rows)
    connection.execute("COMMIT")
    return redirect(f"/side/{number + 1}" if number < len(PAGES) else "/kontroll", 303)


@app.get("/kontroll")
def review() -> str:
    return render_template(
        "review.html", title="Se over", answers=answers_so_far(request.cookies["token"]), labels=LABELS
    )


@app.post("/send")
def send() -> str:
    token = request.cookies["token"]
    answers = answers_so_far(token)
    connection = database()
    connection.execute("BEGIN IMMEDIATE")
    response = secrets.token_hex(16)
    connection.executemany(
        "INSERT INTO answer (response, item, code) VALUES (?, ?, ?)",
        [(response, item, code) for item, code in answers.items()],
    )
    connection.execute("DELETE FROM draft WHERE token = ?", (token,))
    connection.execute("DELETE FROM invited WHERE token = ?", (token,))
    connection.execute("COMMIT")
    return render_template("receipt.html", title="Takk! Svaret er lagret.", code=response[:16])
