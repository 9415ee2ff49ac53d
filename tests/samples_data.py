"""A citizen survey for tests of samples: gender and age, three scored questions, one nominal."""

from surveyor.instruments.enums import ItemRole
from surveyor.instruments.spec import Category, CodeList, Page, Questionnaire, Scale
from tests.waves import AGREE, LANGUAGES, YES_NO, select_one, words

GENDER = CodeList("gender", tuple(Category(code, words(f"Kjønn {code}")) for code in ("1", "2")))
BANDS = tuple(Category(str(n), words(f"Alder {n}")) for n in range(1, 6))
AGE = CodeList("age", (*BANDS, Category("8", words("Vil ikke svare"), missing=True)))


def citizen_questionnaire() -> Questionnaire:
    scored = tuple(select_one(f"q{n}", "agree", page="p1", scale="place") for n in (1, 2, 3))
    background = tuple(
        select_one(name, name, page="p2", role=ItemRole.BACKGROUND) for name in ("gender", "age")
    )
    nodes = (*scored, select_one("bus", "yes_no", page="p1"))
    return Questionnaire(
        "innbygger", words("Å bo her"), LANGUAGES, "nb",
        pages=(Page("p1", words("Stedet"), nodes=nodes), Page("p2", words("Om deg"), nodes=background)),
        code_lists={"agree": AGREE, "yes_no": YES_NO, "gender": GENDER, "age": AGE},
        scales=(Scale("place", words("Stedet"), ("q1", "q2", "q3")),),
    )  # fmt: skip
