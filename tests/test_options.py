"""What is offered in selects and boxes, whatever its names are."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import Markup
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from wtforms import SelectField, SelectMultipleField

from portal import options
from portal.forms import Form

HOSTILE = "Łódź \"<img src=x onerror=alert(1)>\" 'İş' =1+1 & </option></select>"


class Offering(Form):
    one = SelectField("One")
    several = SelectMultipleField("Several")


@pytest.fixture
def offering(app: Any) -> Any:
    with app.test_request_context():
        form = Offering(data={"one": HOSTILE, "several": ["b"]})
        form.one.choices = [("", Markup("<i>None</i>")), (HOSTILE, HOSTILE), ("3", "")]
        form.several.choices = [("a", "A"), ("b", HOSTILE)]
        yield form


def told(html: str) -> list[tuple[Any, ...]]:
    return [
        (option.attributes.get("value"), "selected" in option.attributes, option.text())
        for option in HTMLParser(html).css("select > option")
    ]


def test_a_select_offers_what_it_was_given(offering):
    assert told(offering.one()) == [
        ("", False, "None"), (HOSTILE, True, HOSTILE), ("3", False, "3"),
    ]  # fmt: skip
    assert told(offering.several()) == [("a", False, "A"), ("b", True, HOSTILE)]
    whole = HTMLParser(offering.one() + offering.several())
    assert [one.tag for one in whole.css("img, i")] == ["i"]
    assert [("multiple" in one.attributes, one.id) for one in whole.css("select")] == [
        (False, "one"), (True, "several"),
    ]  # fmt: skip


def test_attributes_of_an_option_are_kept(offering):
    offering.one.choices = [("a", "A", {"data-x": HOSTILE}), ("b", "B")]
    found = HTMLParser(offering.one()).css("option")
    assert [option.attributes.get("data-x") for option in found] == [HOSTILE, None]


@pytest.mark.parametrize("radio", [False, True])
def test_boxes_are_labelled_and_ticked(radio):
    written = options.boxes(
        [(HOSTILE, HOSTILE, True), (2, Markup("<b>2</b>"), False)],
        HOSTILE, "choice-x", radio=radio, invalid=True, listed=True,
    )  # fmt: skip
    page = HTMLParser(f"<ul>{written}</ul>")
    kind = "radio" if radio else "checkbox"
    assert [box.attributes for box in page.css("li > label > input")] == [
        {
            "class": "rd" if radio else "ck",
            "type": kind,
            "name": HOSTILE,
            "id": f"choice-x-{place}",
            "value": value,
            **({"checked": None} if place == 0 else {}),
            "aria-invalid": "true",
        }
        for place, value in enumerate((HOSTILE, "2"))
    ]
    assert [label.text() for label in page.css("li > label")] == [HOSTILE, "2"]
    assert page.css("img") == []
