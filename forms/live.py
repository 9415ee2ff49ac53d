"""What the script of a page is handed, as JSON: nothing in it tells an answer from another page."""

import json
from collections.abc import Iterator, Mapping

from flask_babel import gettext

from surveyor.errors import N_
from surveyor.instruments.answers import value_problem
from surveyor.instruments.enums import ItemType
from surveyor.instruments.live import LivePage
from surveyor.instruments.spec import Item, Page, Questionnaire

_WORDS = {
    "required": N_("Du må svare på dette spørsmålet."),
    "constraint": N_("Svaret er ikke gyldig. Se over det en gang til."),
    "unoffered": N_("Svaret passer ikke lenger med det du har svart før. Velg på nytt."),
    "appeared": N_("Det har kommet flere spørsmål på siden."),
}
_TYPED = (ItemType.INTEGER, ItemType.DECIMAL)


def block_of(questionnaire: Questionnaire, page: Page, live: LivePage, language: str) -> str:
    """What `routing.js` reads; empty where there is nothing to follow."""
    if not live:
        return ""
    contents = {
        "language": language,
        "types": {item.name: item.type.value for item in page.items if item.answerable and _is_typed(item)},
        "steps": [[step.name, step.show, step.value, step.under] for step in live.steps],
        "checks": {name: [check.required, check.constraint] for name, check in live.checks.items()},
        "choices": live.choices,
        "messages": dict(_messages(questionnaire, live, language)),
        "words": {name: gettext(words) for name, words in _WORDS.items()},
    }
    left = {name: value for name, value in contents.items() if value}
    return json.dumps(left, ensure_ascii=False, separators=(",", ":"))


def _is_typed(item: Item) -> bool:
    return item.type not in (ItemType.SELECT_ONE, ItemType.ACKNOWLEDGE)


def _messages(
    questionnaire: Questionnaire, live: LivePage, language: str
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The author's own words where they hold no answers, and what a number looks like."""
    for name in live.checks:
        item = questionnaire.by_name[name]
        own = {
            "required": questionnaire.text(item.required_message, language),
            "constraint": questionnaire.text(item.constraint_message, language),
            "type": _type_message(questionnaire, item),
        }
        if found := {kind: words for kind, words in own.items() if words and "${" not in words}:
            yield name, found


def _type_message(questionnaire: Questionnaire, item: Item) -> str:
    problem = value_problem(questionnaire, item, "x") if item.type in _TYPED else None
    return gettext(problem.message, **problem.params) if problem else ""
