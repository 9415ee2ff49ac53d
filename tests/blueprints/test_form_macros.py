"""The form macros as documents: names, descriptions, errors, escaping."""

from collections.abc import Iterator

import pytest
from flask import Flask, get_template_attribute
from flask_babel import Babel
from lxml import html
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    Form,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)  # fmt: skip
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from blueprints import filters
from surveyor.config import ROOT
from surveyor.errors import Problem

EVIL = "<img src=x onerror=a>"
AGREE = [
    SelectChoice("1", "Uenig"), SelectChoice("2", "Verken eller"), SelectChoice("3", "Enig"),
    SelectChoice("98", "Vet ikke"),
]  # fmt: skip


class Example(Form):
    text = StringField(EVIL, [InputRequired(EVIL), Length(max=20)], description=EVIL)
    area = TextAreaField("Merknad", [Optional()])
    day = DateField("Frist", [Optional()])
    file = FileField("Vedlegg")
    one = SelectField("Språk", choices=[SelectChoice("nb", EVIL)])
    radio = RadioField("Stilling", choices=AGREE, validators=[InputRequired("Velg ett svar.")])
    many = SelectMultipleField("Viktigst", choices=AGREE)
    yes = BooleanField("Jeg har lest det")
    first = RadioField(EVIL, choices=AGREE, validators=[InputRequired("Velg ett svar.")])
    second = RadioField("Jeg trives", choices=AGREE, validators=[Optional()])
    score = RadioField("Anbefale", choices=[*(SelectChoice(str(i)) for i in range(11)), AGREE[-1]])


@pytest.fixture(scope="module", autouse=True)
def request_context() -> Iterator[None]:
    app = Flask(__name__, template_folder=str(ROOT / "templates"))
    Babel(app, default_locale="nb")
    filters.init_app(app)
    app.jinja_env.globals["csrf_token"] = lambda: "token"
    app.jinja_env.filters["problem"] = lambda problem: problem.message
    with app.test_request_context():
        yield


@pytest.fixture
def form() -> Example:
    form = Example(MultiDict({"second": "3", "many": "1", "area": "</textarea>" + EVIL}))
    form.validate()
    return form


def draw(macro: str, *args: object, **kwargs: object) -> html.HtmlElement:
    return html.fragment_fromstring(
        str(get_template_attribute("_forms.html", macro)(*args, **kwargs)), create_parent="div"
    )


def whole_form(form: Example) -> html.HtmlElement:
    parts = [
        draw("text_input", form.text), draw("textarea", form.area), draw("date_input", form.day),
        draw("file_input", form.file), draw("select", form.one), draw("radios", form.radio, missing=("98",)),
        draw("checkboxes", form.many), draw("checkbox", form.yes), draw("scale", form.score, missing=("98",)),
        draw("likert", [form.first, form.second], missing=("98",), start=1), draw("error_summary", form),
    ]  # fmt: skip
    root = html.Element("div")
    root.extend(parts)
    return root


def test_every_control_has_a_label_and_every_reference_a_target(form: Example) -> None:
    root = whole_form(form)
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    labelled = set(root.xpath("//label/@for"))
    controls = root.xpath("//input | //select | //textarea")
    assert controls
    assert [c.get("name") for c in controls if c.get("id") not in labelled] == []
    for names in root.xpath("//@aria-describedby | //@aria-labelledby"):
        assert set(names.split()) <= set(ids)
    assert {link[1:] for link in root.xpath("//a/@href")} <= set(ids)


def test_nothing_authored_becomes_markup(form: Example) -> None:
    assert whole_form(form).xpath("//img") == []


def test_wrong_fields_say_so_and_are_listed(form: Example) -> None:
    root = whole_form(form)
    assert root.xpath("//input[@name='text']/@aria-invalid") == ["true"]
    assert root.xpath("//input[@name='area' or @name='second']/@aria-invalid") == []
    assert root.xpath("//*[@id='radio-feil']/text()") == ["Velg ett svar."]
    links = {link.get("href"): link.text_content() for link in root.xpath("//ul/li/a")}
    assert links["#radio"] == "Velg ett svar. – Stilling"
    assert links["#text"] == EVIL


def test_chosen_answers_are_drawn_chosen(form: Example) -> None:
    root = whole_form(form)
    assert root.xpath("//input[@name='second' and @checked]/@value") == ["3"]
    assert root.xpath("//input[@name='many' and @checked]/@value") == ["1"]
    assert root.xpath("//textarea")[0].text.strip() == "</textarea>" + EVIL


def test_dont_know_stands_apart(form: Example) -> None:
    root = whole_form(form)
    apart = root.xpath("//*[contains(@class, '--dk')]//input/@value")
    assert set(apart) == {"98"}
    assert len(root.xpath("//input[@value='98']")) == len(apart) + 1  # the plain checkbox list has none apart


def test_a_form_without_errors_has_no_summary() -> None:
    assert len(draw("error_summary", Example())) == 0


def test_problems_are_capped_and_placed() -> None:
    problems = [Problem(f"Feil {i}", row=i, column="code") for i in range(60)]
    root = draw("problem_list", problems)
    assert len(root.xpath("//li")) == 50
    assert "60" in root.xpath("//p")[0].text_content()
    assert root.xpath("//li/strong/text()")[3] == "Rad 3, kolonne «code»:"


def test_post_button_carries_the_token() -> None:
    root = draw("post_button", "Lukk", "/lukk", subject="våren 2026")
    assert root.xpath("//form[@method='post']/input[@name='csrf_token']/@value") == ["token"]
    assert root.xpath("//button")[0].text_content() == "Lukk våren 2026"
