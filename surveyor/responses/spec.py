"""What an envelope holds, and the one length that every envelope and draft of a wave has."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

import msgspec

from surveyor.errors import N_, InvalidInput
from surveyor.instruments.answers import MAX_TEXT, normal_value
from surveyor.instruments.bins import bin_code
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Answers, Item, Questionnaire

TEXT_BYTES = 2 * MAX_TEXT  # the fixed length allows for two bytes a character
_NUMBER_BYTES, _DATE_BYTES, _SEGMENT_BYTES = 42, 12, 260
_POINT_BYTES = 82
_FIXED_BYTES = 4 + 200 + _SEGMENT_BYTES
_LENGTH_BYTES = 4
_MOST_BYTES = 6  # of one character as JSON
_KEPT = {ItemType.SELECT_ONE, ItemType.SELECT_MULTIPLE, ItemType.TEXT}


_JSON = msgspec.json.Encoder(order="sorted")
_uuid = lru_cache(maxsize=16)(UUID)  # a whole wave has one version


class _Document(msgspec.Struct, gc=False):
    """What an envelope's JSON holds; a whole wave is read at once, and none of it goes in circles."""

    v: int
    form: str
    segment: str
    answers: dict[str, str]
    receipt: str | None


_DOCUMENTS = msgspec.json.Decoder(_Document)


@dataclass(frozen=True)
class Response:
    """One answered questionnaire on its way into an envelope."""

    instrument_version_id: UUID
    segment_code: str
    answers: Answers
    receipt_hash: bytes | None = None

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        receipt = self.receipt_hash.hex() if self.receipt_hash else None
        return canonical(
            _Document(1, str(self.instrument_version_id), self.segment_code, dict(self.answers), receipt)
        )

    @classmethod
    def from_bytes(cls, plain: bytes) -> "Response":
        """The response that `to_bytes` wrote; raises ValueError."""
        document = _DOCUMENTS.decode(plain)
        receipt = bytes.fromhex(document.receipt) if document.receipt else None
        return cls(_uuid(document.form), document.segment, document.answers, receipt)


def canonical(document: object) -> bytes:
    """JSON with sorted keys and no spaces, as UTF-8."""
    return _JSON.encode(document)


def kept_answers(questionnaire: Questionnaire, answers: Answers) -> dict[str, str]:
    """The answers an envelope may hold: codes, bins and free text; no bare number or date is kept at L1."""
    kept = (
        item
        for item in questionnaire.items
        if (item.type in _KEPT or item.bins) and item is not questionnaire.unit_item
    )
    values = {item.name: _kept_value(item, answers.get(item.name, "")) for item in kept}
    return {name: value for name, value in values.items() if value}


def _kept_value(item: Item, answer: str) -> str:
    """An answer as an envelope holds it: of a number or a date, the bin it falls in and nothing else."""
    # once more in stored form: a NUL in one free text would block a whole opening on PostgreSQL
    value = normal_value(item, [answer])
    return bin_code(item.type, item.bins, value) if item.bins and value else value


@lru_cache(maxsize=128)
def padded_length(questionnaire: Questionnaire) -> int:
    """The one plaintext length of the wave: room for the longest possible answers, in coarse steps."""
    bound = (
        _LENGTH_BYTES + _FIXED_BYTES + sum(_item_bytes(questionnaire, item) for item in questionnaire.items)
    )
    step = 256 if bound <= 2048 else 1024
    return -(-bound // step) * step


def pad(plain: bytes, length: int) -> bytes:
    """Length prefix, content, zeros; raises InvalidInput when the content does not fit."""
    if len(plain) + _LENGTH_BYTES > length:
        raise InvalidInput(N_("Svarene er for lange. Gjør fritekstsvarene kortere."))
    return (len(plain).to_bytes(_LENGTH_BYTES, "big") + plain).ljust(length, b"\0")


def unpad(padded: bytes) -> bytes:
    """The content that `pad` was given."""
    n = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    return padded[_LENGTH_BYTES : _LENGTH_BYTES + n]


def is_too_long(text: str) -> bool:
    """Whether a free text is longer than the wave's fixed length allows for."""
    if len(text) <= TEXT_BYTES // _MOST_BYTES:
        return False
    return len(text) > MAX_TEXT or len(canonical(text)) > TEXT_BYTES


def has_room(questionnaire: Questionnaire, item: Item, value: str) -> bool:
    """Whether a value of any kind, right or wrong, fits into the room its question has in a draft."""
    return len(canonical(value)) <= _room(questionnaire, item)


def _item_bytes(questionnaire: Questionnaire, item: Item) -> int:
    return len(canonical(item.name)) + 2 + _room(questionnaire, item)


def _room(questionnaire: Questionnaire, item: Item) -> int:
    codes = [len(canonical(category.code)) for category in questionnaire.categories(item)]
    room: Mapping[ItemType, int] = {
        ItemType.TEXT: TEXT_BYTES,
        ItemType.DATE: _DATE_BYTES,
        ItemType.SELECT_ONE: max(codes, default=0),
        ItemType.SELECT_MULTIPLE: sum(codes),
        ItemType.RANK: sum(codes),
        ItemType.HIDDEN: TEXT_BYTES,
        ItemType.GEOPOINT: _POINT_BYTES,
    }
    return room.get(item.type, _NUMBER_BYTES)
