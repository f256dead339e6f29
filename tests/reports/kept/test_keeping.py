"""Stars, saved filters and what was opened last: each person's own, and gone with their rights."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.reports.kept import operations
from portal.reports.kept.models import FavouriteReport, SavedReport
from portal.wall.scope import unscoped
from tests.factories import never_existed
from tests.reports.kept.conftest import NASTY

REPORT = "/reports/queue-summary"


def shelf(page, heading):
    """Return the links of a part of the home, by what they are called."""
    for section in page.all(".report-section"):
        if section.css_first("h2").text() == heading:
            return [one.css_first("b").text() for one in section.css("li > a")]
    return []


def tabs(page):
    found = page.all("nav.tabs a")
    return [(one.text(strip=True), "aria-current" in one.attributes) for one in found]


def save(person, filter, name, **options):
    page = person.get(f"{REPORT}/saved/new?{filter}")
    return page.submit("Save Ctrl ↵", {"Name": name}, **options)


def test_a_star_is_given_and_taken(office):
    page = office["ours"].get(REPORT)
    for _ in range(2):  # the page of another tab asks for the same again
        page.submit("Favourite: Queue summary")
    assert shelf(office["ours"].get("/reports"), "Favourites") == ["Queue summary"]
    assert shelf(office["both"].get("/reports"), "Favourites") == []
    assert shelf(office["admin"].get("/reports"), "Favourites") == []
    office["ours"].get(REPORT).submit("Favourite: Queue summary")
    assert shelf(office["ours"].get("/reports"), "Favourites") == []


def test_filters_are_kept_under_a_name_and_shown_as_a_tab(office):
    person, filter = office["both"], f"period=today&project={office.ids['ours']}&by=day"
    page = save(person, f"{filter}&page=2", NASTY)
    assert (tabs(page), page.path) == ([("All", False), (NASTY, True)], REPORT)
    assert tabs(person.get(REPORT)) == [("All", True), (NASTY, False)]
    assert tabs(person.get(f"{REPORT}?by=week")) == [("All", False), (NASTY, False)]
    assert shelf(person.get("/reports"), "Kept filters") == [NASTY]
    for other in ("ours", "admin", "stranger"):
        assert tabs(office[other].get(REPORT)) == [("All", True)]
        assert shelf(office[other].get("/reports"), "Kept filters") == []


def test_what_is_asked_for_anyway_is_no_filter(office):
    """The form of filters says also what nobody has chosen."""
    person, usual = office["both"], "period=last_7_days&by=queue"
    page = person.get(f"{REPORT}?{usual}&from=&to=")
    assert tabs(page) == [("All", True)]
    assert not page.all("#keep")
    assert tabs(person.get(f"{REPORT}?period=today&by=queue")) == [("All", False)]
    save(person, "by=day", NASTY)
    page = person.get(f"{REPORT}?by=day&period=last_7_days")
    assert tabs(page) == [("All", False), (NASTY, True)]
    save(person, usual, "The usual")
    assert ("The usual", True) in tabs(person.get(f"{REPORT}?{usual}"))
    assert ("All", True) in tabs(person.get(REPORT))


def test_a_name_is_given_once_to_filters_of_a_report(office):
    person = office["both"]
    save(person, "by=day", "Łódź")
    page = save(person, "by=week", "ŁÓDŹ", status=422)
    assert page.errors() == {"Name": "You have kept other filters under this name."}
    save(person, "by=week", "Weekly")
    save(office["ours"], "by=week", "Łódź")
    page = person.get(f"{REPORT}?by=week").click("Rename or delete")
    page = page.submit("Save Ctrl ↵", {"Name": "łódź"}, status=422)
    assert page.errors() == {"Name": "You have kept other filters under this name."}
    page = page.submit("Save Ctrl ↵", {"Name": NASTY})
    assert tabs(page) == [("All", False), (NASTY, True), ("Łódź", False)]
    page = person.get(f"{REPORT}?by=week").click("Rename or delete").submit("Delete")
    assert tabs(page) == [("All", True), ("Łódź", False)]


def test_what_a_kept_filter_names_and_is_not_seen_any_more_is_left_out(office):
    person, both = office["both"], f"project={office.ids['ours']}&project={office.ids['theirs']}"
    save(person, f"by=day&{both}", "Two projects")
    office.leave("both", "theirs")
    page = person.get("/reports").click("Two projects Queue summary")
    assert (page.status, page.url) == (200, f"{REPORT}?by=day&project={office.ids['ours']}")
    assert ("Two projects", True) in tabs(page)


@pytest.mark.parametrize("filter", ["by=nonsense", "period=x", "queue=1", "nonsense=1", "sort=x"])
def test_nonsense_is_not_kept(office, filter):
    for what in ("saved", "subscriptions"):
        url = f"{REPORT}/{what}/new?{filter}"
        office["both"].get(url, status=404)
        office["both"].post(url, {"name": "x"}, status=404)


def test_what_is_not_seen_cannot_be_kept(office):
    for other in (office.ids["theirs"], never_existed()):
        for what in ("saved", "subscriptions"):
            url = f"{REPORT}/{what}/new?project={other}"
            office["ours"].get(url, status=404)
            office["ours"].post(url, {"name": "x", "every": "day", "hour": "1"}, status=404)


def test_others_have_nothing_to_do_with_it(app, office):
    save(office["both"], "by=day", "Mine")
    with app.app_context(), unscoped("the test looks"):
        one = db.session.scalars(select(SavedReport)).one()
    for name in ("ours", "admin", "stranger"):
        office[name].get(f"/reports/saved/{one.id}", status=404)
        office[name].post(f"/reports/saved/{one.id}", {"name": "x"}, status=404)
        office[name].post(f"/reports/saved/{one.id}/delete", status=404)
    office["blind"].get(f"{REPORT}/saved/new", status=403)
    office["blind"].post(f"{REPORT}/favourite", {"wanted": "1"}, status=403)
    with app.app_context(), unscoped("the test looks"):
        assert [row.name for row in db.session.scalars(select(SavedReport))] == ["Mine"]
        assert db.session.scalars(select(FavouriteReport)).all() == []


def test_as_many_as_anybody_needs_are_kept_and_no_more(office, monkeypatch):
    monkeypatch.setattr(operations, "MOST_SAVED", 1)
    save(office["both"], "by=day", "One")
    page = save(office["both"], "by=week", "Two", status=422)
    assert "At most 1 are kept. Delete one first." in page.text


def test_what_was_opened_last_is_the_browsers_and_the_persons(app, office, visitor):
    person = office["both"]
    for url in (REPORT, "/reports/load", f"{REPORT}?by=day", "/reports/trend?by=nonsense"):
        person.get(url, status=None)
    home = person.get("/reports")
    assert shelf(home, "Last used") == ["Queue summary", "Load by hour and weekday"]
    cookie = person.client.get_cookie("bulkhead_reports", path="/reports")
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Lax", "/reports")
    other = office["ours"]
    other.client.set_cookie("bulkhead_reports", cookie.value, path="/reports")
    assert shelf(other.get("/reports"), "Last used") == []
    for forged in (cookie.value[:-1], "x", "Ł", '["x"]', "." * 3000):
        person.client.set_cookie("bulkhead_reports", forged, path="/reports")
        assert shelf(person.get("/reports"), "Last used") == []
