"""A respondent that costs next to nothing: one kept-alive socket, bytes in, bytes out."""

import re
import socket
from abc import ABC, abstractmethod
from urllib.parse import quote_plus

_HIDDEN = re.compile(rb'<input type="hidden" name="(\w+)" value="([^"]*)">')
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)")
_LOCATION = re.compile(rb"(?i)\r\nlocation: ([^\r]+)")
_COOKIE = re.compile(rb"(?i)\r\nset-cookie: ([^=]+)=([^;]*)")


class Browser(ABC):
    """One browser's worth of cookies; how it asks is for its heirs."""

    def __init__(self) -> None:
        self.cookies: dict[bytes, bytes] = {}
        self.path = b""

    def get(self, path: bytes) -> bytes:
        """The page, after redirects."""
        return self._follow(path, *self._heard(b"GET", path, b""))

    def post(self, path: bytes, fields: dict[bytes, bytes]) -> bytes:
        content = b"&".join(k + b"=" + quote_plus(v).encode() for k, v in fields.items())
        return self._follow(path, *self._heard(b"POST", path, content))

    def cookie_line(self) -> bytes:
        return b"; ".join(k + b"=" + v for k, v in self.cookies.items())

    @staticmethod
    def hidden(page: bytes) -> dict[bytes, bytes]:
        return dict(_HIDDEN.findall(page))

    @abstractmethod
    def ask(self, method: bytes, path: bytes, content: bytes) -> tuple[bytes, bytes]:
        """Status line and headers, and the body."""

    def _heard(self, method: bytes, path: bytes, content: bytes) -> tuple[bytes, bytes]:
        head, body = self.ask(method, path, content)
        self.cookies.update(_COOKIE.findall(head))
        return head, body

    def _follow(self, path: bytes, head: bytes, body: bytes) -> bytes:
        self.path = path
        if head.startswith((b"HTTP/1.1 303", b"HTTP/1.1 302")):
            found = _LOCATION.search(head)
            assert found
            return self.get(found[1])
        assert head.startswith(b"HTTP/1.1 200"), head + body[:2000]
        return body


class Visitor(Browser):
    """A browser on one kept-alive socket."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, method: bytes, path: bytes, content: bytes) -> tuple[bytes, bytes]:
        lines = [
            method + b" " + path + b" HTTP/1.1", b"Host: 127.0.0.1", b"Cookie: " + self.cookie_line()
        ]  # fmt: skip
        if method == b"POST":
            lines += [
                b"Content-Type: application/x-www-form-urlencoded",
                b"Content-Length: %d" % len(content),
            ]
        self.socket.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + content)
        return self._read()

    def _read(self) -> tuple[bytes, bytes]:
        raw = b""
        while b"\r\n\r\n" not in raw:
            raw += self._receive()
        head, _, body = raw.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        assert found, head
        parts, n = [body], len(body)
        while n < int(found[1]):
            parts.append(self._receive())
            n += len(parts[-1])
        return head, b"".join(parts)

    def _receive(self) -> bytes:
        piece = self.socket.recv(1 << 17)
        assert piece, "the server closed the connection"
        return piece


def visit_bare(visitor: Browser, token: str) -> None:
    """Link, welcome, two pages, review, receipt: eight requests, as many as Surveyor's."""
    visitor.get(b"/s/" + token.encode())
    visitor.get(b"/side/1")
    for number in (1, 2):
        first = 10 * (number - 1) + 1
        chosen = {b"q-q%d" % n: b"%d" % (n % 5 + 1) for n in range(first, first + 10)}
        visitor.post(b"/side/%d" % number, chosen)
    assert b"Svaret er lagret" in visitor.post(b"/send", {})


def visit_surveyor(visitor: Browser, token: str) -> None:
    visitor.get(b"/medarbeider/s/" + token.encode())
    home = visitor.path.partition(b"?")[0]
    page = visitor.get(home + b"/side/1")
    for number in (1, 2):
        first = 10 * (number - 1) + 1
        chosen = {b"q-q%d" % n: b"%d" % (n % 5 + 1) for n in range(first, first + 10)}
        page = visitor.post(home + b"/side/%d" % number, {**visitor.hidden(page), b"to": b"neste", **chosen})
    assert b"Svaret er lagret" in visitor.post(home + b"/send", visitor.hidden(page))
