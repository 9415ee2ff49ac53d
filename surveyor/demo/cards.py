"""The demo's indicators and scorecards: filled from its waves and forms, last year's cards approved."""

from random import Random

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.spec import Actor
from surveyor.db import unit_of_work
from surveyor.demo.municipality import DEPARTMENTS, DISTRICTS, ROOT
from surveyor.indicators.publishing import publish_wave, refresh_form_values
from surveyor.indicators.queries import tree_of_period
from surveyor.indicators.recording import import_values
from surveyor.indicators.services import import_indicators
from surveyor.scorecards.policy import waiting
from surveyor.scorecards.queries import cards_of
from surveyor.scorecards.services import LinePlan, approve_cards, save_template
from surveyor.scorecards.spec import joint_fingerprint
from surveyor.units.queries import tree_as_of
from surveyor.units.spec import UnitTree

_OFFICE = Actor("bms@fjordvik.example")
_APPROVED_THIS_YEAR = ("HEL", "TEK")
_DIRECTORS = {
    "FJ": "kommunedirektor", "OPP": "oppvekst", "HEL": "helse", "TEK": "teknisk", "KUL": "kultur",
    "ORG": "organisasjon",
}  # fmt: skip

_PARENTS = "barnehage;avdeling;kommune"
# one definition a line, as in a file
INDICATORS = f"""code,name,perspective,source,direction,target,green_from,yellow_from,measured_in,unit_types
foreldre_trivsel,Barnas trivsel,users,survey:kindergarten/scale:wellbeing/index,up,80,75,60,poeng,{_PARENTS}
foreldre_alt,Foreldre alt i alt,users,survey:kindergarten/scale:overall/index,up,80,75,60,poeng,{_PARENTS}
innbygger_tillit,Innbyggernes tillit,users,survey:citizen/scale:trust/index,up,70,65,50,poeng,distrikt;kommune
innbygger_omdomme,Omdømme,users,survey:citizen/scale:reputation/index,up,75,70,55,poeng,distrikt;kommune
ik_oppfylt,Internkontroll oppfylt,processes,form:internal_control/met_share,up,90,85,70,%,
ik_i_tide,Internkontroll levert i tide,processes,form:internal_control/on_time,up,100,95,80,%,
ik_avvik,Åpne avvik,processes,form:internal_control/open_deviations,down,0,0,3,antall,
it_oppfylt,IT-sikkerhet oppfylt,processes,form:it_security/met_share,up,90,80,60,%,
ledelse,Ledelse som gir mestring,employees,survey:employee/scale:leadership/index,up,75,70,55,poeng,
motivasjon,Indre motivasjon,employees,survey:employee/scale:motivation/index,up,75,70,55,poeng,
rolleklarhet,Rolleklarhet,employees,survey:employee/scale:role_clarity/index,up,75,70,55,poeng,
sykefravaer,Sykefravær,employees,csv,down,7,7,9.5,%,
budsjett,Avvik fra budsjett,economy,csv,down,0,0.5,2,%,
"""
_GOALS = {
    "foreldre_trivsel": ("Barna trives og er trygge", "Nære relasjoner mellom barn og voksne"),
    "foreldre_alt": ("Foreldrene er fornøyde", "God dialog med hjemmet"),
    "innbygger_tillit": ("Innbyggerne har tillit til kommunen", "Åpenhet"),
    "innbygger_omdomme": ("Fjordvik har et godt omdømme", "Gode tjenester"),
    "ik_oppfylt": ("Vi har orden i eget hus", "Rutiner som er kjent og brukt"),
    "ik_i_tide": ("Vi har orden i eget hus", "Frister holdes"),
    "ik_avvik": ("Vi lærer av feil", "Avvik følges opp"),
    "it_oppfylt": ("Informasjonen vår er trygg", "Grunnprinsippene for IKT-sikkerhet følges"),
    "ledelse": ("Medarbeiderne mestrer jobben", "Tydelig og støttende ledelse"),
    "motivasjon": ("Medarbeiderne er motiverte", "Meningsfulle oppgaver"),
    "rolleklarhet": ("Alle vet hva som forventes", "Klare roller"),
    "sykefravaer": ("Høyt nærvær", "Godt arbeidsmiljø"),
    "budsjett": ("Vi holder budsjettet", "God økonomistyring"),
}
_VISIONS = {
    "": "Sammen skaper vi Fjordvik",
    "barnehage": "Lek, læring og vennskap hver dag",
    "skole": "Kompetanse for alle i mulighetens skole",
    "sykehjem": "Trygt og trivelig",
}
_EVERYONE = [code for code in _GOALS if not code.startswith(("foreldre", "innbygger"))]
_EXTRA = {
    "barnehage": ["foreldre_trivsel", "foreldre_alt"],
    "avdeling": ["foreldre_trivsel", "foreldre_alt"],
    "distrikt": ["innbygger_tillit", "innbygger_omdomme"],
    "kommune": ["innbygger_tillit", "innbygger_omdomme", "foreldre_trivsel", "foreldre_alt"],
}


def define_indicators(engine: Engine) -> None:
    """The indicators, and a card template for every unit type."""
    with unit_of_work(engine) as session:
        import_indicators(session, file=INDICATORS.encode(), filename="indikatorer.csv", actor=_OFFICE)
        for unit_type in (
            "",
            "barnehage",
            "skole",
            "sykehjem",
            "tjeneste",
            "avdeling",
            "distrikt",
            "kommune",
        ):
            codes = _EXTRA.get(unit_type, []) + ([] if unit_type == "distrikt" else _EVERYONE)
            lines = [LinePlan(code, *_GOALS[code]) for code in codes]
            vision = _VISIONS.get(unit_type, _VISIONS[""])
            save_template(session, unit_type=unit_type, vision=vision, lines=lines, actor=_OFFICE)


def publish(engine: Engine, wave_codes: list[str]) -> None:
    """Values from closed waves, from forms, and of sick leave and economy from a file."""
    this_year = clock.today().year
    with unit_of_work(engine) as session:
        for code in wave_codes:
            publish_wave(session, wave_code=code, actor=_OFFICE)
        for year in (this_year - 1, this_year):
            for form in ("internal_control", "it_security"):
                refresh_form_values(session, instrument_code=form, period=year, actor=_OFFICE)
        file = _entered_values(tree_as_of(session, clock.today()), this_year)
        import_values(session, file=file, filename="fravær og økonomi.csv", actor=_OFFICE)


def _entered_values(tree: UnitTree, this_year: int) -> bytes:
    lines = ["indicator,unit,period,value"]
    for unit in (code for code in tree.nodes if code not in DISTRICTS):
        lasting = Random(f"fravær-{unit}")
        usual, usual_cost = lasting.gauss(8, 1.5), lasting.gauss(0.6, 1)
        for year in range(this_year - 2, this_year + 1):
            fresh = Random(f"fravær-{unit}-{this_year - year}")
            lines.append(f"sykefravaer,{unit},{year},{max(usual + fresh.gauss(0, 0.8), 1):.1f}")
            lines.append(f"budsjett,{unit},{year},{usual_cost + fresh.gauss(0, 0.7):.1f}")
    return "\n".join(lines).encode()


def approve(engine: Engine) -> None:
    """Directors have approved all of last year's cards, and this year's in some departments."""
    this_year = clock.today().year
    with unit_of_work(engine) as session:
        for department in (ROOT, *DEPARTMENTS):
            _approve_department(session, department, this_year - 1)
        for department in _APPROVED_THIS_YEAR:
            _approve_department(session, department, this_year)


def _approve_department(session: Session, department: str, period: int) -> None:
    """The cards of a department and its units; of the municipality only its own."""
    tree = tree_of_period(session, period)
    codes = (ROOT,) if department == ROOT else tree.subtree_codes(department)
    cards = waiting(cards_of(session, period=period, tree=tree, codes=codes).values())
    approve_cards(
        session, unit_codes=codes, period=period, fingerprint=joint_fingerprint(cards),
        actor=Actor(f"{_DIRECTORS[department]}@fjordvik.example"),
    )  # fmt: skip
