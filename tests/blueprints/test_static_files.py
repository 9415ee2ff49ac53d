"""Scripts import each other by name: the fingerprint of their folder stands in the path."""

import re
import shutil
from pathlib import Path

from flask import Flask


def address(app: Flask) -> str:
    with app.test_request_context():
        return app.url_for("static", filename="answering/saving.js")


def test_modules_find_each_other_under_one_fingerprint(app: Flask) -> None:
    found = address(app)
    assert re.fullmatch(r"/static/m-[0-9a-f]{12}/answering/saving\.js", found)
    client = app.test_client()
    script = client.get(found)
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in script.headers["Cache-Control"]
    names = re.findall(r'from "\./([\w.]+)"', script.text)
    assert names
    for name in names:
        assert client.get(found.replace("saving.js", name)).status_code == 200


def test_a_changed_module_changes_the_address_of_all(app: Flask, tmp_path: Path) -> None:
    modules = Path(app.static_folder, "answering")
    app.static_folder = str(tmp_path)
    shutil.copytree(modules, tmp_path / "answering")
    before = address(app)
    (tmp_path / "answering" / "quick.js").write_text("// something else", encoding="utf-8")
    assert address(app) != before
    assert address(app) == address(app)


def test_a_fingerprint_opens_no_other_folder(app: Flask) -> None:
    client = app.test_client()
    for path in (
        "m-0123456789ab/../../wsgi.py",
        "m-0123456789ab/%2e%2e/shell.py",
        "m-012/answering/saving.js",
    ):
        assert client.get(f"/static/{path}").status_code == 404
