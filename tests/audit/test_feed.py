"""The Activity feed: who sees which entries, how they are told, filtered and exported."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import inspect

from portal.access.permissions import Permission
from portal.audit import fields, sentences, trail
from portal.audit.changes import _SILENT, _reference, is_told, kind_of
from portal.database import SharedPart
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.queue import Queue
from portal.objects.registry import KINDS
from tests.audit.conftest import HOSTILE
from tests.factories import building, company, group, join, make_object, query, role, user


def sentences_on(page):
    return page.texts(".feed .head p")


@pytest.fixture
def busy(centre):
    """A centre in which something happened in A, in B, in both and in the company."""
    for make in (
        lambda: make_object("queues", "Only A", centre.a),
        lambda: make_object("queues", "Only B", centre.b),
        lambda: make_object("schedules", "Of both", centre.a, centre.b),
        lambda: group("Of the company"),
    ):
        with building(centre.app, of=centre.admin):
            make()
    return centre


def test_each_sees_what_happened_in_their_projects(busy, visitor):
    admin, anna, bela = (
        visitor(one.email).get("/activity") for one in (busy.admin, busy.anna, busy.bela)
    )
    assert sentences_on(admin) == [
        "System created the group Of the company",
        "System created the schedule Of both",
        "System created the queue Only B",
        "System created the queue Only A",
        "System founded the company Brannova Contact",
    ]
    assert sentences_on(anna) == [
        "System created the schedule Of both",
        "System created the queue Only A",
        f"System created the project {busy.a.name}",
    ]
    assert sentences_on(bela) == [
        "System created the schedule Of both",
        "System created the queue Only B",
        f"System created the project {busy.b.name}",
    ]
    assert anna.texts(".feed .meta") == [
        f"{busy.a.name} Schedule", f"{busy.a.name} Queue", f"{busy.a.name} Project"
    ]  # fmt: skip


def test_no_trace_of_the_other_project(busy, visitor):
    with building(busy.app, of=busy.admin):
        moved = make_object("queues", "Before", busy.b)
    with building(busy.app, of=busy.admin):
        found = db.session.get_one(Queue, (moved.company_id, moved.id))
        found.project_id, found.name = busy.a.id, "After"
    anna = visitor(busy.anna.email)
    pages = [
        anna.get(f"/activity{ending}", **options)
        for options in ({}, {"fragment": True})
        for ending in (
            "",
            f"?project={busy.b.id}",
            "?q=beta",
            "?q=before",
            f"?person={busy.bela.id}",
        )
    ]
    texts = [page.body for page in pages]
    texts += [anna.get("/activity/export.csv").data.decode()]
    forbidden = [busy.b.name, "Müşteri", "Only B", "Béla", "Before", str(busy.b.id)]
    found = {
        word for text in texts for word in forbidden if word in text.replace(f"={busy.b.id}", "")
    }
    assert found - {"Before"} == set()  # the heading of a column is Before, too
    assert sentences_on(pages[0])[0] == "System moved the queue After into this project"
    assert [sentences_on(page) for page in pages[1:5]] == [[], [], [], []]


def test_a_move_is_one_change_for_who_sees_both(busy, visitor):
    with building(busy.app, of=busy.admin):
        moved = make_object("queues", HOSTILE, busy.b)
    with building(busy.app, of=busy.admin):
        db.session.get_one(Queue, (moved.company_id, moved.id)).project_id = busy.a.id
    page = visitor(busy.admin.email).get("/activity?what=changes")
    assert sentences_on(page)[0] == (
        f"System moved the queue {HOSTILE} from {busy.b.name} to {busy.a.name}"
    )
    assert page.all(".feed img") == []


def test_who_may_open_it(busy, visitor):
    with building(busy.app, of=busy.admin):
        operator = user("Operator", projects=[busy.a])
        reader = user("Reader", role=role("Reader", Permission.VIEW_ACTIVITY), projects=[busy.a])
    visitor().get("/activity", follow=False, status=303)
    visitor(operator.email).get("/activity", status=403)
    visitor(operator.email).get("/activity/export.csv", status=403)
    page = visitor(reader.email).get("/activity")
    assert [node.attributes["href"] for node in page.all("a[download]")] == []
    visitor(reader.email).get("/activity/export.xlsx", status=403)


def test_another_company_is_not_there(busy, visitor):
    with building(busy.app):
        other = company("Other")
    page = visitor(other.email).get("/activity")
    assert sentences_on(page) == ["System founded the company Other"]
    visitor(other.email).get(f"/activity?project={busy.a.id}&person={busy.admin.id}")


# --- before and after


def test_before_and_after_of_each_field(busy, visitor):
    admin = visitor(busy.admin.email)
    with building(busy.app, of=busy.admin):
        found = db.session.get_one(User, (busy.anna.company_id, busy.anna.id))
        found.name, found.language, found.password_hash = HOSTILE, "tr", "secret"
        found.extension = "=1+1"
    page = admin.get("/activity?kind=user&what=changes")
    assert page.rows("li.ev:first-child .diff table") == [
        ["Name", "Anna", HOSTILE],
        ["Extension", "not set", "=1+1"],
        ["Language", "not set", "Türkçe"],
        ["Password", "hidden", "changed"],
    ]


def test_memberships_are_lists_of_names(busy, visitor):
    with building(busy.app, of=busy.admin):
        join(busy.a, user("Ola"))
        join(busy.a, group("Night " + HOSTILE))
    page = visitor(busy.anna.email).get("/activity")
    assert page.rows("li.ev:first-child .diff table") == [
        ["Users", "not set", "Ola"],
        ["Groups", "not set", "Night " + HOSTILE],
    ]


# --- filters


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"q": "only"}, ["queue Only B", "queue Only A"]),
        ({"q": "ONLY  b"}, ["queue Only B"]),
        ({"q": "%"}, []),
        ({"q": "_"}, []),
        ({"q": "' OR 1=1 --"}, []),
        ({"kind": "queue"}, ["queue Only B", "queue Only A"]),
        ({"kind": "queue", "q": "a"}, ["queue Only A"]),
        ({"kind": ["schedule", "group"]}, ["group Of the company", "schedule Of both"]),
        ({"kind": "nothing"}, []),
        ({"what": "exports"}, []),
        ({"what": ["changes", "refused"], "kind": "group"}, ["group Of the company"]),
        ({"period": "yesterday"}, []),
        ({"period": "custom", "from": "2001-01-01", "to": "2001-01-02"}, []),
        ({"person": "01900000-0000-7000-8000-000000000000"}, []),
        ({"project": "01900000-0000-7000-8000-000000000000"}, []),
    ],
)
def test_filters(busy, visitor, arguments, expected):
    address = "/activity?" + query_of(arguments)
    page = visitor(busy.admin.email).get(address)
    assert sentences_on(page) == [f"System created the {one}" for one in expected]
    assert sentences_on(visitor(busy.admin.email).get(address, fragment=True)) == sentences_on(page)


def query_of(arguments):
    from urllib.parse import urlencode

    return urlencode(arguments, doseq=True)


def test_filter_by_project_and_person(busy, visitor):
    admin = visitor(busy.admin.email)
    admin.post("/groups/new", {"name": "By hand", "description": ""})
    page = admin.get(f"/activity?project={busy.b.id}")
    assert sentences_on(page) == [
        "System created the schedule Of both",
        "System created the queue Only B",
        f"System created the project {busy.b.name}",
    ]
    page = admin.get(f"/activity?person={busy.admin.id}")
    assert sentences_on(page) == ["Magdalena Sobczak created the group By hand"]
    assert page.link("By hand").startswith("/groups/")


@pytest.mark.parametrize(
    "arguments",
    [
        {"period": "forever"},
        {"period": "custom", "from": "0000-00-00"},
        {"period": "custom", "from": "2026-02-01", "to": "2026-01-01"},
        {"person": "x"},
        {"project": "'"},
        {"what": "everything"},
        {"q": "x" * 201},
        {"kind": [str(number) for number in range(501)]},
    ],
)
def test_refuses_filters_that_make_no_sense(busy, visitor, arguments):
    someone = visitor(busy.admin.email)
    for path in ("/activity", "/activity/export.csv"):
        page = someone.get(f"{path}?{query_of(arguments)}", status=422)
        assert page.texts(".empty h2") == ["This filter cannot be used"]
    assert [row[1] for row in busy.told() if row[1] == "exported"] == []


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²", "0", ""])
def test_odd_places_to_go_on_from(busy, visitor, before):
    visitor(busy.admin.email).get("/activity?" + query(before=before))


def test_goes_on_by_key(busy, visitor):
    for number in range(70):
        with building(busy.app, of=busy.admin):
            group(f"Group {number}")
    admin = visitor(busy.admin.email)
    page = admin.get("/activity?kind=group")
    more = page.link("Load earlier activity")
    rest = admin.get(more, fragment=True)
    told = sentences_on(page) + sentences_on(rest)
    expected = [f"System created the group Group {number}" for number in range(69, -1, -1)]
    assert told == [*expected, "System created the group Of the company"]
    assert rest.texts("h2.day") == []
    assert len(sentences_on(admin.get(more))) == len(sentences_on(rest))


def test_a_large_change_is_told_thing_by_thing(busy, visitor):
    with building(busy.app, of=busy.admin):
        for number in range(25):
            group(f"Group {number}")
    page = visitor(busy.admin.email).get("/activity?kind=group")
    assert sentences_on(page) == [
        *[f"System created the group Group {number}" for number in range(24, -1, -1)],
        "System created the group Of the company",
    ]


def test_the_figures_beside_it(busy, visitor):
    admin = visitor(busy.admin.email)
    admin.get("/settings")
    visitor(busy.anna.email).get("/settings", status=403)
    admin.get("/activity/export.csv")
    page = admin.get("/activity")
    assert page.texts(".rail h2") == ["Last 7 days", "Needs a look", "Most active"]
    assert page.texts(".rail section:first-child li") == [
        "Changes 15", "Exports 1", "Sign-ins 0", "Refused attempts 1"
    ]  # fmt: skip
    assert page.texts(".rail section:last-child li a") == ["Magdalena Sobczak", "Anna"]
    assert page.texts(".rail section:nth-child(2) li > :not(.n)")[-1:] == [
        "Anna was refused the page /settings"
    ]


# --- export


def test_exports_what_is_filtered_and_records_it(busy, visitor):
    with building(busy.app, of=busy.admin):
        group('=HYPERLINK("x")')
    admin = visitor(busy.admin.email)
    answer = admin.get("/activity/export.csv?kind=group&q=hyperlink")
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    name = '=HYPERLINK("x")'
    assert [line[1:] for line in lines] == [
        [
            "Person", "On behalf of", "What happened", "Project", "Kind", "Object", "Field",
            "Before", "After", "Details", "Address",
        ],
        [
            "System", "", f"System created the group {name}", "", "Group", f"'{name}", "Name", "",
            f"'{name}", "", "",
        ],
    ]  # fmt: skip
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    book = admin.get("/activity/export.xlsx?kind=group&q=hyperlink")
    rows = list(load_workbook(io.BytesIO(book.data)).active.iter_rows())
    assert [cell.value for cell in rows[1]][6:9] == [name, "Name", ""]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "d", "n"}
    (first, second) = busy.entries()[-2:]
    for entry, format in ((first, "csv"), (second, "xlsx")):
        assert (entry.action, entry.kind, entry.actor_name) == (
            "exported", "activity", "Magdalena Sobczak"
        )  # fmt: skip
        assert entry.object_name.endswith(f".{format}")
        assert entry.detail == {"filter": "kind=group q=hyperlink"}
    with busy.app.app_context():
        assert trail.verify(busy.admin.company_id)[1] is None


# --- words


def test_every_kind_and_field_has_words(app):
    """A model that the trail records is told in sentences, each of its columns by a label."""
    with app.app_context():
        models = [m.class_ for m in db.Model.registry.mappers if is_told(m.class_)]
    # A part of another thing, and a link within a project, is told as a change of that.
    parts = [one for one in models if issubclass(one, SharedPart) or hasattr(one, "told_as")]
    told = [one for one in models if hasattr(one, "id") and one not in parts]
    silent = [
        (kind_of(one), action)
        for one in told
        for action in ("created", "changed", "deleted")
        if not sentences.is_known(kind_of(one), action)
    ]
    assert silent == [("company", "deleted")]
    unlabelled = {
        _reference(inspect(one), column.key)[0]
        for one in told
        for column in inspect(one).column_attrs
        if column.key not in _SILENT and column.columns[0].info.get("audit", True)
    }
    assert {name for name in unlabelled if not fields.is_labelled(name)} <= {
        "invited_at", "locked_at"
    }  # fmt: skip
    assert [k.name for k in KINDS.values() if not sentences.is_known(k.name, "created")] == []


@pytest.mark.parametrize("language", ["pl", "tr"])
def test_other_languages(busy, visitor, language):
    someone = visitor(busy.admin.email, language=language)
    someone.get("/activity")
