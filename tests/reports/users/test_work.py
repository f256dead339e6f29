"""Offers that were missed, and what operators get done: counted again from what was written."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from sqlalchemy import select

from portal.access.identity import assume, identity_by_id
from portal.calls.models import Offer, Visit
from portal.extensions import db
from tests.factories import query
from tests.reports.conftest import PERIOD


@pytest.fixture
def counted(app, centre):
    """Return what each operator missed and did, for a viewer, from the rows that they see."""

    def read(name):
        company_id, user_id, _email = centre.people[name]
        with app.test_request_context():
            assume(identity_by_id(company_id, user_id))
            offered, missed, taken, talk = Counter(), Counter(), Counter(), Counter()
            for one in db.session.scalars(select(Offer)):
                if one.operator_id:
                    offered[one.operator_id] += 1
                    missed[one.operator_id] += one.result in ("no_answer", "refused")
            for one in db.session.scalars(select(Visit)):
                if one.operator_id and one.result == "answered":
                    taken[one.operator_id] += one.direction == "in"
                    talk[one.operator_id] += one.talk_s or 0
        names = {one[1]: who for who, one in centre.people.items()}
        return [{names[key]: n for key, n in one.items()} for one in (offered, missed, taken, talk)]

    return read


@pytest.mark.parametrize("name", ["admin", "ours", "theirs", "both", "nowhere"])
def test_figures_of_operators(centre, counted, name):
    offered, missed, taken, talk = counted(name)
    whole = {"ours": "Agata Żak", "theirs": "Işıl Kaya", "both": "Owen O'Neil"}

    def rows(report):
        url = f"/reports/{report}/export.json?{query(**PERIOD, by='operator')}"
        return {row["Operator"]: row for row in json.loads(centre[name].get(url).text)}

    found = rows("missed-by-operator")
    assert {who: found[whole[who]]["Offers"] for who in offered} == offered
    assert {who: found[whole[who]]["Not taken"] for who in offered} == missed
    found = rows("productivity")
    assert {who: found[whole[who]]["Calls in"] for who in taken} == taken
    assert {who: found[whole[who]]["Talk (s)"] for who in talk} == talk
    if name in ("admin", "both"):
        assert len(taken) == 3
    if name == "nowhere":
        assert not taken
