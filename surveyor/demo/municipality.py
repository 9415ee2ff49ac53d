"""Fjordvik's organisation over three years, and how many people each unit has. All of it is fictional."""

from surveyor.units.spec import UnitRow

ROOT = "FJ"
DEPARTMENTS = {
    "OPP": "Oppvekst",
    "HEL": "Helse og velferd",
    "TEK": "Teknisk drift",
    "KUL": "Kultur og næring",
    "ORG": "Organisasjon og økonomi",
}
# where citizens live: people of 18 and over in each
DISTRICTS = {
    "DI1": ("Nordbygda", 2140),
    "DI2": ("Sentrum", 6480),
    "DI3": ("Ytre Fjordvik", 1390),
    "DI4": ("Skogbygda", 2790),
}

# code, name, type, department or parent unit, employees, parents or relatives who can be asked
_UNITS = """
BH01 Bjørkelia|barnehage|OPP|16|44
BH02 Breidablikk|barnehage|OPP|14|40
BH03 Fjelltun|barnehage|OPP|12|31
BH04 Granstubben|barnehage|OPP|18|52
BH05 Havgløtt|barnehage|OPP|9|22
BH06 Kystvegen|barnehage|OPP|13|36
BH07 Lyngmo|barnehage|OPP|11|28
BH08 Marihøna|barnehage|OPP|4|9
BH09 Nordlys|barnehage|OPP|15|41
BH10 Solstrand|barnehage|OPP|17|48
BH11 Trollskogen|barnehage|OPP|8|19
BH12 Vårsol|barnehage|OPP|12|33
SK01 Bergåsen skole|skole|OPP|34|0
SK02 Eidet skole|skole|OPP|22|0
SK03 Fjordvik ungdomsskole|skole|OPP|41|0
SK04 Havnes skole|skole|OPP|27|0
SK05 Indre Fjordvik oppvekstsenter|skole|OPP|13|0
SK06 Lia skole|skole|OPP|31|0
SK07 Nes skole|skole|OPP|18|0
SK08 Skogbygda skole|skole|OPP|7|0
SK09 Strandgata ungdomsskole|skole|OPP|36|0
SK10 Ytre Fjordvik skole|skole|OPP|15|0
PPT Pedagogisk-psykologisk tjeneste|tjeneste|OPP|9|0
BV Barneverntjenesten|tjeneste|OPP|17|0
SH01 Solheim sykehjem|sykehjem|HEL|0|0
SH01A Solheim, 1. etasje|tjeneste|SH01|19|0
SH01B Solheim, 2. etasje|tjeneste|SH01|21|0
SH01C Solheim, kjøkken og drift|tjeneste|SH01|3|0
SH02 Fjordgløtt sykehjem|sykehjem|HEL|0|0
SH02A Fjordgløtt, somatisk avdeling|tjeneste|SH02|24|0
SH02B Fjordgløtt, skjermet avdeling|tjeneste|SH02|16|0
SH03 Bakkehaugen sykehjem|sykehjem|HEL|28|0
SH04 Havutsikt sykehjem|sykehjem|HEL|22|0
HT01 Hjemmetjenesten nord|tjeneste|HEL|26|0
HT02 Hjemmetjenesten sør|tjeneste|HEL|29|0
HT03 Hjemmetjenesten sentrum|tjeneste|HEL|31|0
LEG Legevakt og legekontor|tjeneste|HEL|14|0
NAV NAV Fjordvik|tjeneste|HEL|16|0
PSY Psykisk helse og rus|tjeneste|HEL|13|0
REH Rehabilitering og hjelpemidler|tjeneste|HEL|11|0
BOL Bofellesskap og miljøarbeidertjeneste|tjeneste|HEL|33|0
VEI Veg og park|tjeneste|TEK|19|0
VAN Vann og avløp|tjeneste|TEK|15|0
BYG Bygg og eiendom|tjeneste|TEK|21|0
REN Renhold|tjeneste|TEK|24|0
PLN Plan og byggesak|tjeneste|TEK|12|0
BRA Brann og redning|tjeneste|TEK|18|0
BIB Fjordvik bibliotek|tjeneste|KUL|7|0
KSK Kulturskolen|tjeneste|KUL|11|0
IDR Idrett og friluftsliv|tjeneste|KUL|6|0
NAR Næring og landbruk|tjeneste|KUL|5|0
HR HR-avdelingen|tjeneste|ORG|10|0
OKO Økonomi og innkjøp|tjeneste|ORG|12|0
IKT IKT og digitalisering|tjeneste|ORG|13|0
DOK Dokumentsenter og innbyggerservice|tjeneste|ORG|11|0
KOM Kommunikasjon|tjeneste|ORG|4|0
"""


class Place:
    """A unit of the newest tree with its head counts."""

    def __init__(self, line: str) -> None:
        head, self.type, self.parent, employees, guests = line.split("|")
        self.code, self.name = head.split(" ", 1)
        if self.type == "barnehage":
            self.name += " barnehage"
        self.n_employees, self.n_guests = int(employees), int(guests)


PLACES = tuple(Place(line) for line in _UNITS.strip().splitlines())
EMPLOYEES = {place.code: place.n_employees for place in PLACES if place.n_employees} | {"HEL": 6, "OPP": 7}
PARENTS = {place.code: place.n_guests for place in PLACES if place.n_guests}


def tree_rows(years_ago: int) -> list[UnitRow]:
    """The whole tree as it was two years ago, last year, and this year after the reorganisation."""
    rows = [UnitRow(ROOT, "Fjordvik kommune", "kommune", None)]
    rows += [UnitRow(code, name, "avdeling", ROOT) for code, name in DEPARTMENTS.items()]
    rows += [UnitRow(place.code, place.name, place.type, place.parent) for place in PLACES]
    rows += [UnitRow(code, name, "distrikt", ROOT) for code, (name, _) in DISTRICTS.items()]
    if years_ago == 0:
        return rows
    return _before_reorganisation(rows, years_ago)


def _before_reorganisation(rows: list[UnitRow], years_ago: int) -> list[UnitRow]:
    """Granstubben was two kindergartens, the library stood elsewhere, one nursing home was not yet built."""
    gone = {"BH04"} | ({"SH04"} if years_ago == 2 else set())
    moved = {"BIB": "OPP", "BOL": "TEK" if years_ago == 2 else "HEL"}
    old = [
        UnitRow(row.code, row.name, row.type, moved.get(row.code, row.parent))
        for row in rows
        if row.code not in gone
    ]
    return [
        *old,
        UnitRow("BH41", "Granlia barnehage", "barnehage", "OPP"),
        UnitRow("BH42", "Stubben barnehage", "barnehage", "OPP"),
    ]


def newest_rows() -> list[UnitRow]:
    """This year's tree, saying which units Granstubben came from."""
    return [
        UnitRow(r.code, r.name, r.type, r.parent, from_codes=("BH41", "BH42")) if r.code == "BH04" else r
        for r in tree_rows(0)
    ]


def head_counts(counts: dict[str, int], rows: list[UnitRow]) -> dict[str, int]:
    """Head counts of the units in a tree; the two old kindergartens share what became Granstubben."""
    codes = {row.code for row in rows}
    shared = dict(counts)
    if "BH41" in codes and "BH04" in shared:
        total = shared.pop("BH04")
        shared |= {"BH41": total - total // 3, "BH42": total // 3}
    return {code: n for code, n in shared.items() if code in codes}
