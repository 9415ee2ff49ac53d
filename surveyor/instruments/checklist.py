"""What an author should look at before a questionnaire is asked, as a list to act on. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from surveyor.errors import N_, Problem
from surveyor.instruments.answers import short_label
from surveyor.instruments.enums import ItemRole, ItemType
from surveyor.instruments.spec import CodeList, Grid, Item, Node, Questionnaire, Repeat, Text

MAX_MINUTES, MAX_GRID_ROWS, MAX_BACKGROUND, MAX_NAMED = 15, 7, 4, 5
_IDENTIFYING = re.compile(
    r"\b(?:navn|namn|name|fødselsnummer|fødselsdato|fødselsår|personnummer|e-post|email|telefon\w*|mobil\w*|"
    r"adresse\w*|address|stillingstittel|birth\w*)\b",
    re.IGNORECASE,
)
_EXACT = (ItemType.INTEGER, ItemType.DECIMAL, ItemType.RANGE, ItemType.DATE, ItemType.TIME, ItemType.DATETIME)


def checklist(questionnaire: Questionnaire) -> tuple[Problem, ...]:
    """Everything worth a second look, each with what to do about it."""
    return (
        *_translations(questionnaire),
        *_length(questionnaire),
        *_long_grids(questionnaire),
        *_directions(questionnaire),
        *_identifying(questionnaire),
        *_without_way_out(questionnaire),
    )


def anonymity_refusals(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Questions that can never be asked anonymously; each must go before a launch."""
    for item in _once(questionnaire):
        if item.type is ItemType.UPLOAD:
            message = N_("«%(item)s» ber om en fil. Filer kan røpe hvem som svarer. Ta spørsmålet ut.")
            yield Problem(message, {"item": item.name})
        elif item.type is ItemType.GEOPOINT:
            message = N_(
                "«%(item)s» ber om et sted på kartet. Det kan røpe hvem som svarer. Ta spørsmålet ut."
            )
            yield Problem(message, {"item": item.name})
        elif item.type is ItemType.REPEAT:
            message = N_("Gruppen «%(item)s» gjentas. Det går bare i skjema, ikke i anonyme undersøkelser.")
            yield Problem(message, {"item": item.name})


def minutes(questionnaire: Questionnaire) -> int:
    """How long it takes to answer everything, told carefully: 8 seconds a choice, 40 a text."""
    asked = [item for item in _once(questionnaire) if item.answerable]
    n_texts = sum(item.type is ItemType.TEXT for item in asked)
    return max(2, -(-(60 + 8 * (len(asked) - n_texts) + 40 * n_texts) // 60))


def _once(questionnaire: Questionnaire) -> Iterator[Item]:
    """Every item, one in a repeated group once."""
    return (item for item in questionnaire.all_items if item.name == item.base)


def _translations(questionnaire: Questionnaire) -> Iterator[Problem]:
    for language in questionnaire.languages:
        if missing := untranslated(questionnaire, language):
            named = ", ".join(missing[:MAX_NAMED]) + (" …" if len(missing) > MAX_NAMED else "")
            message = N_("Skjemaet mangler tekst på språket «%(language)s» for: %(items)s.")
            yield Problem(message, {"language": language, "items": named})


def untranslated(questionnaire: Questionnaire, language: str) -> Sequence[str]:
    """Names of the items and code lists that lack words in a language."""
    found = [item.name for item in _once(questionnaire) if item.shown and _lacks(item.label, language)]
    used = Counter(item.code_list for item in questionnaire.items if item.code_list)
    lists = (questionnaire.code_lists[name] for name in used)
    found += [code.name for code in lists if any(_lacks(c.label, language) for c in code.categories)]
    return found


def _lacks(text: Text, language: str) -> bool:
    return bool(text) and not text.get(language)


def _length(questionnaire: Questionnaire) -> Iterator[Problem]:
    if (n := minutes(questionnaire)) > MAX_MINUTES:
        message = N_("Det tar om lag %(n)s minutter å svare. Mange gir opp etter %(limit)s. Kort det ned.")
        yield Problem(message, {"n": n, "limit": MAX_MINUTES})


def _long_grids(questionnaire: Questionnaire) -> Iterator[Problem]:
    for grid in _grids(node for page in questionnaire.pages for node in page.nodes):
        if len(grid.items) > MAX_GRID_ROWS:
            message = N_("Tabellen «%(grid)s» har %(n)s rader. Del den opp, høyst %(limit)s i hver.")
            yield Problem(message, {"grid": grid.name, "n": len(grid.items), "limit": MAX_GRID_ROWS})


def _grids(nodes: Iterator[Node]) -> Iterator[Grid]:
    for node in nodes:
        if isinstance(node, Grid):
            yield node
        elif isinstance(node, Repeat):
            yield from _grids(iter(node.nodes))


def _directions(questionnaire: Questionnaire) -> Iterator[Problem]:
    used = {item.code_list for item in questionnaire.scored_items}
    rising = {name: _rises(questionnaire.code_lists[name]) for name in sorted(used)}
    falling = [name for name, rises in rising.items() if rises is False]
    if falling and any(rises for rises in rising.values()):
        message = N_(
            "Noen svarskalaer går fra lavt til høyt, andre fra høyt til lavt (%(names)s). "
            "La alle gå samme vei."
        )
        yield Problem(message, {"names": ", ".join(falling[:MAX_NAMED])})


def _rises(code_list: CodeList) -> bool | None:
    """True when scores rise in the order shown, False when they fall; None for neither."""
    scores = [category.score for category in code_list.valid if category.score is not None]
    if len(scores) < 3 or sorted(scores) not in (scores, scores[::-1]):
        return None
    return scores[0] < scores[-1]


def _identifying(questionnaire: Questionnaire) -> Iterator[Problem]:
    for item in _once(questionnaire):
        if not item.answerable or item.role is ItemRole.UNIT:
            continue
        label = short_label(questionnaire, item, questionnaire.default_language)
        if item.type is ItemType.TEXT and _IDENTIFYING.search(label):
            message = N_("«%(item)s» kan røpe hvem som svarer. Spør ikke om navn, adresse eller telefon.")
            yield Problem(message, {"item": item.name})
        elif item.type is ItemType.RANK:
            message = N_("«%(item)s» er en rangering. I anonyme målinger blir svaret ikke talt.")
            yield Problem(message, {"item": item.name})
        elif item.bins:
            words = ", ".join(
                questionnaire.text(each.label, questionnaire.default_language).lower()
                for each in questionnaire.categories(item)
            )
            message = N_("Svaret på «%(item)s» lagres bare som gruppe i anonyme målinger: %(bins)s.")
            yield Problem(message, {"item": item.name, "bins": words})
        elif item.type in _EXACT and item.role is None:
            message = N_(
                "«%(item)s» gir nøyaktige tall eller datoer. I anonyme målinger blir svaret ikke lagret. "
                "Skriv grupper i kolonnen bins, så blir svaret lagret som gruppe."
            )
            yield Problem(message, {"item": item.name})
    if (n := len(questionnaire.background_items)) > MAX_BACKGROUND:
        message = N_(
            "Skjemaet har %(n)s bakgrunnsspørsmål. Sammen kan de røpe hvem som svarer. Ta bort noen."
        )
        yield Problem(message, {"n": n})


def _without_way_out(questionnaire: Questionnaire) -> Iterator[Problem]:
    found = [
        item.name
        for item in questionnaire.substance_items
        if item.required == "true()" and not any(c.missing for c in questionnaire.categories(item))
    ]
    if found:
        named = ", ".join(found[:MAX_NAMED]) + (" …" if len(found) > MAX_NAMED else "")
        message = N_(
            "Disse må besvares, men har ikke «Vet ikke»: %(items)s. Legg det til, eller la dem være valgfrie."
        )
        yield Problem(message, {"items": named})
