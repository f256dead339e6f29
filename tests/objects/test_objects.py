"""Objects of every kind: the same questions, asked of each kind in the registry."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from portal.access.permissions import Permission
from portal.objects.registry import KINDS
from tests.factories import (
    building,
    company,
    group,
    make_object,
    never_existed,
    project,
    role,
    user,
)

SAVE = "Save changes Ctrl ↵"
NASTY = "Łódź \"<img src=x onerror=alert(1)>\" 'İş' =1+1"
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())


class People(dict):
    """Visitors by name, each signed in when first spoken of."""

    def __init__(self, sign_in, **others):
        super().__init__(others)
        self.sign_in = sign_in

    def __missing__(self, name):
        self[name] = self.sign_in(name)
        return self[name]


@pytest.fixture
def people(app, visitor):
    """Make two walled projects, and a supervisor of each, of both, and of none; an operator."""
    with building(app):
        admin = company()
        ours, theirs = project("Ours – Łódź"), project("Theirs – İzmir")
        cast = {
            "admin": admin,
            "ours": user("Agata Żak", role="supervisor", projects=[ours]),
            "theirs": user("Işıl Kaya", role="supervisor", projects=[theirs]),
            "both": user("Owen O'Neil", role="supervisor", projects=[ours, theirs]),
            "nowhere": user("Elif Tunç", role="supervisor"),
            "operator": user("Filip Ćma", role="operator", projects=[ours]),
            "reader": user(
                "Rea Der", role=role("Reader", Permission.VIEW_OBJECTS), projects=[ours]
            ),
        }
    return People(lambda name: visitor(cast[name].email), projects={"ours": ours, "theirs": theirs})


def names(page):
    return [row[0] for row in page.rows("table") if len(row) > 1]


@every_kind
def test_each_sees_the_objects_of_their_projects(app, people, kind):
    ours, theirs = people["projects"].values()
    with building(app, of=ours):
        make_object(kind.slug, f"A {NASTY}", ours)
        make_object(kind.slug, "B of theirs", theirs)
        if not kind.owned:
            make_object(kind.slug, "C of both", ours, theirs)
    url = f"/objects/{kind.slug}"
    shared = [] if kind.owned else ["C of both"]
    assert names(people["ours"].get(url)) == [f"A {NASTY}", *shared]
    assert names(people["theirs"].get(url)) == ["B of theirs", *shared]
    assert names(people["both"].get(url)) == [f"A {NASTY}", "B of theirs", *shared]
    assert names(people["admin"].get(url)) == [f"A {NASTY}", "B of theirs", *shared]
    assert names(people["nowhere"].get(url)) == []
    people["operator"].get(url, status=403)


@every_kind
def test_a_shared_object_names_only_projects_that_one_sees(app, people, kind):
    ours, theirs = people["projects"].values()
    if kind.owned:
        return
    with building(app, of=ours):
        made = make_object(kind.slug, "C of both", ours, theirs)
    page = people["ours"].get(f"/objects/{kind.slug}")
    assert page.rows("table")[0][1] == ours.name
    form = people["ours"].get(f"/objects/{kind.slug}/{made.id}")
    assert "İzmir" not in page.body + form.body


def test_of_many_projects_five_are_named_and_the_others_counted(app, people):
    ours, theirs = people["projects"].values()
    with building(app, of=ours):
        more = [project(f"Z{number} {NASTY}") for number in range(5)]
        made = make_object("lists", "Everywhere", ours, theirs, *more)
        make_object("lists", "Some", *more)
    named = f"{ours.name}, {theirs.name}, Z0 {NASTY}, Z1 {NASTY}, Z2 {NASTY} +2"
    five = ", ".join(f"Z{number} {NASTY}" for number in range(5))
    page = people["admin"].get("/objects/lists")
    assert [row[1] for row in page.rows("table")] == [named, five]
    form = people["admin"].get(f"/objects/lists/{made.id}")
    assert form.texts(".drawer-head p") == [f"List · {named}"]
    panel = people["admin"].get(f"/projects/{ours.id}/panel/lists")
    besides = f"{theirs.name}, Z0 {NASTY}, Z1 {NASTY}, Z2 {NASTY}, Z3 {NASTY} +1"
    assert panel.texts("[data-pick] .sub") == [f"Also in {besides}", f"In {five}"]
    assert people["both"].get("/objects/lists").rows("table")[0][1] == f"{ours.name}, {theirs.name}"
    assert people["ours"].get("/objects/lists").rows("table")[0][1] == ours.name


@every_kind
def test_a_foreign_object_is_like_one_that_never_existed(app, people, kind):
    ours, theirs = people["projects"].values()
    with building(app, of=ours):
        made = make_object(kind.slug, "B of theirs", theirs)
    url = f"/objects/{kind.slug}"
    foreign = people["ours"].get(f"{url}/{made.id}", status=404)
    missing = people["ours"].get(f"{url}/{never_existed()}", status=404)
    assert foreign.data == missing.data
    for path in (f"{url}/{made.id}", f"{url}/{made.id}/delete"):
        assert people["ours"].post(path, {"name": "x"}, status=404).data == missing.data
    for malformed in ("1", "0", "-1", "10000000000000000000000", "null"):
        assert people["ours"].get(f"{url}/{malformed}", status=404).data == missing.data


@every_kind
def test_is_created_in_the_only_project_of_its_maker(app, people, kind):
    page = people["ours"].get(f"/objects/{kind.slug}/new")
    page = page.submit("Create Ctrl ↵", {"Name": NASTY, "Notes (optional)": "Ğ\nż"})
    assert names(page) == [NASTY]
    assert page.rows("table")[0][1] == "Ours – Łódź"
    assert names(people["theirs"].get(f"/objects/{kind.slug}")) == []


@every_kind
def test_refuses_bad_names_at_the_field(app, people, kind):
    form = people["ours"].get(f"/objects/{kind.slug}/new")
    for bad in ("", "   ", "x" * 101, "a\u202eb", "a\x00b"):
        page = form.submit("Create Ctrl ↵", {"Name": bad}, status=422)
        assert list(page.errors()) == ["Name"], bad
    form.submit("Create Ctrl ↵", {"Name": "Istanbul"})
    page = form.submit("Create Ctrl ↵", {"Name": "İSTANBUL".replace("İ", "I")}, status=422)
    assert page.errors() == {"Name": "This name is taken already."}
    assert names(people["ours"].get(f"/objects/{kind.slug}")) == ["Istanbul"]


@every_kind
def test_a_name_taken_out_of_sight_is_free(app, people, kind):
    people["theirs"].get(f"/objects/{kind.slug}/new").submit("Create Ctrl ↵", {"Name": "VIP"})
    page = people["ours"].get(f"/objects/{kind.slug}/new").submit("Create Ctrl ↵", {"Name": "VIP"})
    assert names(page) == ["VIP"]


@every_kind
def test_a_project_that_one_does_not_see_cannot_be_chosen(app, people, kind):
    theirs = people["projects"]["theirs"]
    field = "project" if kind.owned else "projects"
    form = {"name": "Sneaky", "active": "y", "version": "1", field: str(theirs.id)}
    people["ours"].post(f"/objects/{kind.slug}/new", form, status=422)
    assert names(people["theirs"].get(f"/objects/{kind.slug}")) == []


@every_kind
def test_what_two_edit_at_once_is_never_lost(app, people, kind):
    ours = people["projects"]["ours"]
    with building(app, of=ours):
        made = make_object(kind.slug, "First", ours)
    url = f"/objects/{kind.slug}/{made.id}"
    mine, other = people["ours"].get(url), people["both"].get(url)
    other.submit("Save changes Ctrl ↵", {"Name": "Second"})
    page = mine.submit("Save changes Ctrl ↵", {"Name": "Third"}, status=409)
    assert "It is now called “Second”." in page.text
    page = page.submit("Save changes Ctrl ↵")
    assert names(page) == ["Third"]


@every_kind
def test_a_reader_may_look_but_not_change(app, people, kind):
    ours = people["projects"]["ours"]
    with building(app, of=ours):
        made = make_object(kind.slug, "First", ours)
    url = f"/objects/{kind.slug}/{made.id}"
    people["reader"].get(url)
    people["reader"].post(url, {"name": "Second", "version": "1"}, status=403)
    people["reader"].post(f"{url}/delete", status=403)
    people["reader"].get(f"/objects/{kind.slug}/new", status=403)
    assert names(people["reader"].get(f"/objects/{kind.slug}")) == ["First"]


@every_kind
def test_is_deleted_and_gone(app, people, kind):
    ours = people["projects"]["ours"]
    with building(app, of=ours):
        made = make_object(kind.slug, "First", ours)
    page = people["ours"].get(f"/objects/{kind.slug}/{made.id}").submit("Delete")
    assert names(page) == []
    people["ours"].get(f"/objects/{kind.slug}/{made.id}", status=404)


def test_search_and_filters_are_in_the_address(app, people):
    ours, theirs = people["projects"].values()
    with building(app, of=ours):
        make_object("queues", "Şikâyet", ours)
        make_object("queues", "100%_sure", ours, active=False)
        make_object("queues", "Faktury", theirs)
    both = people["both"]
    assert names(both.get("/objects/queues?q=%25_")) == ["100%_sure"]
    assert names(both.get("/objects/queues?q=%C5%9E%C4%B0K")) == ["Şikâyet"]
    assert names(both.get(f"/objects/queues?project={theirs.id}")) == ["Faktury"]
    assert names(both.get("/objects/queues?active=no")) == ["100%_sure"]
    assert names(both.get("/objects/queues?project=nonsense")) == []
    assert names(people["ours"].get(f"/objects/queues?project={theirs.id}")) == []


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("lodz biu", ["Biuro Łódź"]),
        ("ŁÓDŹ biuro", ["Biuro Łódź"]),
        ("istanbul", ["Istanbul two", "İstanbul bir"]),
        ("ISTANBUL", ["Istanbul two", "İstanbul bir"]),
        ("ıstanbul BİR", ["İstanbul bir"]),
        ("isık", ["Işık hattı"]),
        ("lodz istanbul", []),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_search_needs_no_accents_in_any_list(app, people, typed, found):
    texts = ("Biuro Łódź", "İstanbul bir", "Istanbul two", "Işık hattı")
    with building(app, of=people["projects"]["ours"]):
        for text in texts:
            place = project(text)
            make_object("queues", text, place)
            make_object("lists", text, place)
            user(text, role="operator")
            group(text)
    admin, query = people["admin"], urlencode({"q": typed})
    first = [row[0] for row in admin.get(f"/groups?{query}").rows("table")]
    found = sorted(found)
    assert sorted(first) == found
    assert sorted(names(admin.get(f"/objects/queues?{query}"))) == found
    assert sorted(names(admin.get(f"/objects/lists?{query}"))) == found
    assert sorted(admin.get(f"/projects?{query}").texts(".tile h2")) == found
    people_found = admin.get(f"/users?{query}").texts("td .row-link")
    assert sorted(people_found) == found
    panel = f"/projects/{people['projects']['ours'].id}/panel/queues?{query}"
    assert sorted(admin.get(panel).texts("[data-pick] .nm > .trunc")) == found


def test_long_lists_are_paged_by_key(app, people):
    ours = people["projects"]["ours"]
    with building(app, of=ours):
        for number in range(120):
            make_object("queues", f"Queue {number:03}", ours)
    page, seen = people["ours"].get("/objects/queues"), []
    while True:
        seen += [name for name in names(page) if name.startswith("Queue")]
        more = page.all(".more-row a")
        if not more:
            break
        page = people["ours"].get(more[0].attributes["href"])
    assert seen == [f"Queue {number:03}" for number in range(120)]
    for query, number in (("", 120), ("?q=queue+11", 11), ("?q=nothing", 0)):
        foot = people["ours"].get(f"/objects/queues{query}").texts(".table-foot [role=status]")
        assert foot == ([f"{number} objects"] if number else [])


def test_an_archived_project_keeps_its_objects(app, people):
    ours, theirs = people["projects"].values()
    with building(app, of=ours):
        shared = make_object("schedules", "Days", ours, theirs)
        alone = make_object("schedules", "Nights", theirs)
    people["admin"].post(f"/projects/{theirs.id}/archive")
    for one in (shared, alone):
        page = people["both"].get(f"/objects/schedules/{one.id}")
        page.submit(SAVE, {"Notes (optional)": "new"})
    assert [row[0] for row in people["theirs"].get("/objects/schedules").rows()] == [
        "Days",
        "Nights",
    ]
