"""People: the list and its filters, the card, and what each may see of the others."""

from __future__ import annotations

import uuid

import pytest

from tests import factories as make

HOSTILE = '<img src=x onerror=alert(1)> "Łódź" =1+1'


def names(page):
    return [node.text() for node in page.tree.css("#people .row-link, #people td b")]


def test_the_list_is_sorted_by_what_is_searched(cast, visitor):
    page = visitor("admin@example.org").get("/users")
    assert page.rows("#people table")[0] == [
        "", "BW Both Ways both@example.org", "–", "Operator", "Ranna zmiana",
        "1 Projects of Both Ways: 1", "Active", "–",
    ]  # fmt: skip
    assert names(page) == [
        "Both Ways",
        "Jan Kos",
        "Kerem Aslan",
        "Łucja Kierownik",
        "Magdalena Sobczak",
        "Şeyma Yıldırım",
        "Żaneta Dłużnik",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("yildirim", ["Şeyma Yıldırım"]),
        ("YILDIRIM", ["Şeyma Yıldırım"]),
        ("Yıldırım şey", ["Şeyma Yıldırım"]),
        ("dluz", ["Żaneta Dłużnik"]),
        ("3311", ["Şeyma Yıldırım"]),
        ("KEREM@example", ["Kerem Aslan"]),
        ("%", []),
        ("_", []),
        ("\0\0\0", ["Both Ways", "Jan Kos", "Kerem Aslan", "Łucja Kierownik"]),
        ("' or 1=1 --", []),
        ("x" * 5000, []),
    ],
)
def test_search(cast, visitor, text, found):
    page = visitor("admin@example.org").send("GET", "/users?" + make.query(q=text))
    assert names(page)[: len(found) or None] == found


def test_filters_are_in_the_address_and_work_together(cast, visitor):
    admin = visitor("admin@example.org")
    assert names(admin.get(f"/users?group={cast.day.id}")) == ["Both Ways"]
    assert names(admin.get(f"/users?project={cast.debts.id}")) == ["Kerem Aslan", "Żaneta Dłużnik"]
    assert names(admin.get(f"/users?role={cast.lead_role.id}")) == ["Łucja Kierownik"]
    assert names(admin.get("/users?state=locked")) == []
    both = f"/users?group={cast.day.id}&group={cast.night.id}&project={cast.care.id}"
    assert names(admin.get(both)) == ["Both Ways"]
    page = admin.get(both, fragment=True)
    assert names(page) == ["Both Ways"]
    assert page.texts("[data-announce]") == ["1 person"]


@pytest.mark.parametrize("parameter", ["group", "role", "project"])
def test_a_foreign_filter_answers_like_one_that_never_existed(cast, visitor, parameter):
    admin = visitor("admin@example.org")
    foreign = {
        "group": cast.other_group.id,
        "role": cast.other_role.id,
        "project": cast.other_project.id,
    }[parameter]
    bodies = set()
    for value in (foreign, make.never_existed(), "nonsense", "9" * 400):
        page = admin.get(f"/users?{parameter}={value}")
        assert names(page) == []
        bodies.add(page.tree.css_first("#list .card").html)
    assert len(bodies) == 1


def test_paging_goes_on_by_key_and_back(app, cast, visitor):
    with make.building(app, of=cast.admin):
        for number in range(120):
            make.user(f"Same Name {number % 3}", email=f"same{number:03}@example.org")
    admin = visitor("admin@example.org")
    pages, page = [], admin.get("/users")
    while True:
        pages.append(names(page))
        if not page.tree.css("a[rel=next]"):
            break
        page = admin.get(page.one("a[rel=next]").attributes["href"])
    assert [len(found) for found in pages] == [50, 50, 27]
    back = admin.get(page.one("a[rel=prev]").attributes["href"])
    assert names(back) == pages[1]
    first = admin.get(back.one("a[rel=prev]").attributes["href"])
    assert names(first) == pages[0]
    assert not first.tree.css("a[rel=prev]")


def test_colleagues_only_without_the_right_to_pick(cast, visitor):
    page = visitor("kerem@example.org").get("/users")
    assert names(page) == [
        "Both Ways",
        "Jan Kos",
        "Kerem Aslan",
        "Łucja Kierownik",
        "Şeyma Yıldırım",
        "Żaneta Dłużnik",
    ]
    assert page.all("input[name=person]") == []
    assert page.all("#new") == []


def test_who_may_not_see_people_gets_403_and_nobody_signs_in(cast, visitor):
    visitor("jan@example.org").get("/users", status=403)
    assert visitor().get("/users").path == "/sign-in"


def test_the_card_names_projects_and_ways_that_the_viewer_may_know(cast, visitor):
    card = f"/users/{cast.super.id}/projects-card"
    admin = visitor("admin@example.org").get(card, fragment=True)
    assert admin.texts("li") == ["OK Obsługa klienta by name", "WI Windykacja by name"]
    lead = visitor("lead@example.org").get(card, fragment=True)
    assert lead.texts("li") == ["OK Obsługa klienta by name"]
    colleague = visitor("jan@example.org").get(
        f"/users/{cast.both.id}/projects-card", fragment=True
    )
    assert colleague.texts("li") == ["OK Obsługa klienta by name, group Ranna zmiana"]


def test_a_stranger_is_not_there(cast, visitor):
    jan = visitor("jan@example.org")
    bodies = {
        jan.get(f"/users/{one}/projects-card", status=404).body
        for one in (cast.debtor.id, cast.stranger.id, make.never_existed())
    }
    assert len(bodies) == 1
    admin = visitor("admin@example.org")
    for url in (f"/users/{cast.stranger.id}", f"/users/{uuid.uuid4()}"):
        admin.get(url, status=404)
    admin.get("/users/99999999999999999999", status=404)


def test_hostile_names_are_shown_as_text(app, cast, visitor):
    with make.building(app, of=cast.admin):
        make.user(HOSTILE, email="x@example.org", groups=[make.group(HOSTILE)])
    page = visitor("admin@example.org").get("/users?q=onerror")
    assert names(page) == [HOSTILE]
    assert page.rows("#people table")[0][4] == HOSTILE


def test_in_simple_mode_nothing_is_said_of_projects(app, visitor):
    with make.building(app):
        admin = make.company("Simple", enhanced=False)
    person = visitor(admin.email)
    page = person.get("/users")
    assert "Projects" not in page.texts("th")
    person.get(f"/users/{admin.id}/projects-card", status=404)
