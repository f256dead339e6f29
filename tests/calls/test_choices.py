"""What the call log's filters offer: a few, the chosen ones, and by search all that one sees."""

from __future__ import annotations

import pytest

from portal.choices import OFFERED
from tests.factories import building, company, make_object, project, user

NASTY = "Łódź <img src=x onerror=alert(1)> 99"


@pytest.fixture
def visits(app, visitor):
    """Return somebody who sees 30 queues, and the ids of queues by name."""
    with building(app):
        company()
        ours, theirs = project("Ours"), project("Theirs")
        names = [f"Kolejka {number:02}" for number in range(29)] + [NASTY]
        ids = {name: make_object("queues", name, ours).id for name in names}
        ids["Kolejka obca"] = make_object("queues", "Kolejka obca", theirs).id
        somebody = user("Żaneta Źdźbło", role="supervisor", projects=[ours])
    return visitor(somebody.email), ids


def offered(page):
    return page.texts("#choices-queue label")


def test_a_few_are_offered_and_what_is_chosen_stays(visits):
    visitor, ids = visits
    assert offered(visitor.get("/calls")) == [f"Kolejka {number:02}" for number in range(OFFERED)]
    page = visitor.get(f"/calls?queue={ids[NASTY]}")
    assert offered(page)[0] == NASTY
    assert len(offered(page)) == OFFERED + 1


def test_the_search_finds_what_one_sees_and_nothing_else(visits):
    visitor, ids = visits
    for seek, found in (("lodz 99", [NASTY]), ("kolejka 2", 11), ("obca", []), ("", 30)):
        fragment = visitor.get(f"/calls/choices/queue?seek={seek}", fragment=True)
        names = offered(fragment)
        assert (names if isinstance(found, list) else len(names)) == found
    page = visitor.get(f"/calls/choices/queue?queue={ids['Kolejka obca']}&seek=zzz")
    assert offered(page) == []
    visitor.get("/calls/choices/users", status=404)


def test_the_page_of_choices_works_without_javascript(visits):
    visitor, ids = visits
    page = visitor.get("/calls/choices/queue?direction=in&seek=lodz")
    assert page.heading == "Queues"
    assert offered(page) == [NASTY]
    log = page.submit("Apply", {NASTY: True})
    assert log.url.startswith("/calls?direction=in&")
    assert f"queue={ids[NASTY]}" in log.url
