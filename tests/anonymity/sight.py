"""Released figures as each role sees them: pages and files reached by links, without what is always new."""

import io
import re
import zipfile
from collections import deque
from html import unescape

from flask import Flask
from python_calamine import CalamineWorkbook

from surveyor.accounts.enums import Role
from tests.factories import app_session, make_account, sign_in

STARTS = ("/resultater/", "/styringskort/", "/indikatorer/", "/kvalitet/")
LINK = re.compile(r'href="((?:/resultater|/styringskort|/indikatorer|/kvalitet)[^"#]*)')
FRESH = re.compile(r'value="[\w.-]{40,}"|nonce="[^"]*"|\?v=[\w.-]+|<blockquote.*?</blockquote>', re.DOTALL)


def seen(app: Flask, role: Role, unit: str) -> dict[str, str]:
    """Everything a role reaches by links: address -> what is in it, without what is new every time."""
    client = app.test_client()
    with app_session(app) as session:
        account = make_account(session, role, unit, email=f"{role}-{unit}@fjordvik.test", name="Kari")
    sign_in(client, account)
    found: dict[str, str] = {}
    waiting = deque(STARTS)
    while waiting:
        url = waiting.popleft()
        if url in found:
            continue
        answer = client.get(url, follow_redirects=True)
        found[url] = (
            content(answer.mimetype, answer.data) if answer.status_code == 200 else str(answer.status)
        )
        if answer.mimetype == "text/html":
            waiting += [url for url in map(unescape, LINK.findall(answer.text)) if "lang=" not in url]
    return found


def content(kind: str, data: bytes) -> str:
    if kind == "text/html":
        page = data.decode()
        comments = sorted(re.findall(r"<blockquote.*?</blockquote>", page, re.DOTALL))
        return FRESH.sub("", page) + "".join(comments)
    if kind == "application/zip":
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return "".join(package.read(name).decode() for name in package.namelist())
    if "spreadsheetml" in kind:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return repr([(name, book.get_sheet_by_name(name).to_python()) for name in book.sheet_names])
    return data.decode()


def differing(one: dict[str, str], other: dict[str, str]) -> set[str]:
    return {url for url in {*one, *other} if one.get(url) != other.get(url)}
