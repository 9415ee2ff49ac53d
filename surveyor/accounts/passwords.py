"""Passwords: argon2id, the same work for accounts that do not exist, and what is too easy to guess."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from secrets import token_urlsafe

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from surveyor.accounts.spec import LONGEST_PASSWORD, SHORTEST_PASSWORD
from surveyor.errors import N_, Problem

HASHER = PasswordHasher(memory_cost=32 * 1024, time_cost=2, parallelism=1)
_FEWEST_OWN = 6  # characters left when every word and pattern an attacker tries first is taken out

_WORDS = """
abc admin administrator april august barnehage bergen bolle brann bursdag bytte desember dragon eple
familie fotball februar fredag fjord hallo hei hello helse hemmelig hest hjemme host hund iloveyou januar
jeg elsker deg jul juli juni kaffe katt kommune konge kontor leder letmein liverpool login logginn lordag
love mandag mai mars master mester monkey norge norway november october oktober omsorg onsdag oppvekst
oslo passord passordet password passwort prinsesse princess qwerty qwertyuiop asdf asdfgh asdfghjkl zxcv
zxcvbn zxcvbnm rektor root secret september shadow skole sol sommer sommar spring starwars summer sunshine
sondag superman survey surveyor sykehjem test tirsdag torsdag trondheim trustno undersokelse user vaar var
velkommen velkomen vinter welcome winter
""".split()  # noqa: SIM905 -- a list one can read
_LOOKALIKES = str.maketrans(
    {
        "0": "o",
        "1": "i",
        "3": "e",
        "4": "a",
        "5": "s",
        "7": "t",
        "@": "a",
        "$": "s",
        "!": "i",
        "ø": "o",
        "å": "a",
        "æ": "a",
    }
)
_SEQUENCES = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
)


def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    return HASHER.hash(_normal(password))


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; without a hash the same work is done and the answer is no."""
    stand_in = _stand_in()
    try:
        return HASHER.verify(password_hash or stand_in, _normal(password)) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return HASHER.check_needs_rehash(password_hash)


def problems_of(password: str, *, context: Iterable[str] = ()) -> list[Problem]:
    """Why a new password is refused; context is what others know: name, e-mail, municipality."""
    if len(password) < SHORTEST_PASSWORD:
        return [_problem(N_("Passordet må ha minst %(n)s tegn."), n=SHORTEST_PASSWORD)]
    if len(password) > LONGEST_PASSWORD:
        return [_problem(N_("Passordet kan ha høyst %(n)s tegn."), n=LONGEST_PASSWORD)]
    if n_own_characters(password, context=context) < _FEWEST_OWN:
        return [
            _problem(N_("Passordet er for lett å gjette. Bruk for eksempel fire ord som ikke hører sammen."))
        ]
    return []


def n_own_characters(password: str, *, context: Iterable[str] = ()) -> int:
    """How many different letters remain without known words, names, sequences and numbers."""
    text = _normal(password).casefold()
    for pattern in _patterns():
        text = text.replace(pattern, "")
    text = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text).translate(_LOOKALIKES)
    known = {part for words in context for part in re.findall(r"\w{3,}", _normal(words).casefold())}
    for word in sorted({word.translate(_LOOKALIKES) for word in known} | set(_WORDS), key=len, reverse=True):
        text = text.replace(word, "")
    return len(set(re.sub(r"[\W\d_]", "", text)))


@lru_cache(maxsize=1)
def _patterns() -> tuple[str, ...]:
    """Runs of four and more along the alphabet, the numbers and the keyboard, both ways, longest first."""
    runs = {
        row[start : start + length]
        for sequence in _SEQUENCES
        for row in (sequence, sequence[::-1])
        for length in range(4, len(row) + 1)
        for start in range(len(row) - length + 1)
    }
    return tuple(sorted(runs, key=lambda run: (-len(run), run)))


def _problem(message: str, **params: object) -> Problem:
    return Problem(message, params, field="password")


@lru_cache(maxsize=1)
def _stand_in() -> str:
    return HASHER.hash(token_urlsafe())


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
