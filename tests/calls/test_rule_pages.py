"""The rules of a source through its pages."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from portal.access.permissions import Permission
from portal.audit.models import AuditEntry
from portal.calls.evidence import CallRule, Identity
from portal.calls.models import Visit
from portal.extensions import db
from portal.jobs import worker
from tests.calls.test_intake import (
    CREATE,
    NASTY,
    SAVE,
    a_call,
    admin,
    cast,
    finished,
    names_page,
    new_source,
    rows,
    upload,
)
from tests.factories import building, query, role, user

__all__ = ["admin", "cast", "rows"]
AGAIN = "Saved. The calls are being assigned again."


@pytest.fixture
def source(admin):
    """Import two calls of vip, one of vip-2 and one of another queue; return the source's page."""
    page = new_source(admin)
    lines = [a_call(1), a_call(2), a_call(3, "vip-2"), a_call(4, NASTY.replace("|", "_"))]
    upload(page, ("queue_log", b"".join(lines)))
    return page


def rules_page(page, kind="queue"):
    return page.visitor.get(f"{page.path}/rules?{query(kind=kind)}")


def new_rule(page, fields, button=CREATE, kind="queue", **options):
    form = page.visitor.get(f"{page.path}/rules/new?{query(kind=kind)}")
    return form.submit(button, fields, **options)


def made(page, fields, kind="queue"):
    page = new_rule(page, fields, kind=kind)
    assert AGAIN in page.text
    return finished(page)


def listed(page):
    return [
        tuple(cell.text(strip=True) for cell in row.css("td")[:4]) for row in page.all("tbody tr")
    ]


def test_a_rule_is_tried_made_changed_and_deleted(source, cast, rows):
    assert "No rules yet" in rules_page(source).text
    fields = {"Names": "vip*", "Meaning": "vip"}
    page = new_rule(source, fields, "Preview")
    assert "3 entries of the call log are assigned again" in page.text
    assert (rows(CallRule), rows(Visit, Visit.queue_id.is_not(None))) == (0, 0)
    page = made(source, fields)
    assert listed(page) == [("vip*", "–", "–", "vip")]
    assert page.texts("#job") == ["3 entries of the call log were assigned again."]
    assert rows(Visit, Visit.queue_id == cast["vip"].id) == 3
    assert rows(Identity, Identity.kind == "queue", Identity.ruled) == 2
    assert len(names_page(source, unmapped="yes", kind="queue").all("tbody tr")) == 1

    edit = page.visitor.get(page.all("a[data-edit]")[0].attributes["href"])
    page = edit.submit(SAVE, {"Names": "vip", "Valid from (optional)": "2023-01-31"})
    page = finished(page)
    assert listed(page) == [("vip", "31 Jan 2023", "–", "vip")]
    assert rows(Visit, Visit.queue_id == cast["vip"].id) == 2
    edit = page.visitor.get(page.all("a[data-edit]")[0].attributes["href"])
    assert "Nothing was changed." in edit.submit(SAVE).text

    page = finished(post_delete(edit))
    assert rows(CallRule) == rows(Visit, Visit.project_id.is_not(None)) == 0
    told = [
        rows(AuditEntry, AuditEntry.kind == "call_rule", AuditEntry.action == action)
        for action in ("created", "changed", "deleted", "stamped")
    ]
    assert told == [1, 1, 1, 3]


def post_delete(edit):
    form = next(one for one in edit.all("form") if one.attributes["action"].endswith("/delete"))
    token = {"csrf_token": edit.visitor.token()}
    return edit.visitor.send("POST", form.attributes["action"], data=token)


def test_the_page_of_a_call_tells_the_rule_to_who_may_make_rules(source, cast, visitor, rows, app):
    made(source, {"Names": NASTY[:6] + "*", "Meaning": "vip"})
    with building(app, of=cast["admin"]):
        visit_id = db.session.scalar(select(Visit.id).where(Visit.queue_id.is_not(None)))
        looking = role("Looks", Permission.SEE_EVERYTHING, Permission.VIEW_CALLS)
        looker = user("İlker", role=looking).email
    said = f"by the queue, rule {NASTY[:6]}*"
    page = source.visitor.get(f"/calls/{visit_id}")
    assert said in " ".join(page.texts(".visit .kpis dd"))
    for other in (cast["carla"].email, looker):  # a rule can be of a number
        theirs = visitor(other).get(f"/calls/{visit_id}")
        assert theirs.status == 200
        assert "rule" not in " ".join(theirs.texts(".visit .kpis"))


def test_ignored_names_are_not_without_meaning(source, rows):
    made(source, {"Names": "*", "Meaning": "Ignore"})
    assert names_page(source, unmapped="yes", kind="queue").all("tbody tr") == []
    assert rows(Visit, Visit.project_id.is_not(None)) == 0


def test_the_default_project_is_for_what_nothing_else_tells(source, cast, rows):
    page = made(source, {"Meaning": cast["theirs"].name}, kind="source")
    assert page.texts("#job") == ["4 entries of the call log were assigned again."]
    assert rows(Visit, Visit.project_id == cast["theirs"].id, Visit.stamped_by == "source") == 4


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Names", ""),
        ("Names", "7099-7000"),
        ("Names", "99-100"),
        ("Names", "****"),
        ("Names", "x" * 129),
        ("Names", "a\u202eb"),
        ("Valid from (optional)", "31.12.2023"),
        ("Valid from (optional)", "0001-01-01"),
        ("Valid until (optional)", "9999-12-31"),
        ("Valid until (optional)", "2023-01-01"),
        ("Meaning", "Choose…"),
    ],
)
def test_bad_input_is_refused_at_its_field(source, rows, field, value):
    fields = {"Names": "vip*", "Meaning": "vip", "Valid from (optional)": "2023-06-01"}
    page = new_rule(source, {**fields, field: value}, status=422)
    assert len(page.all("[aria-invalid=true]")) == 1
    assert rows(CallRule) == 0


def test_a_meaning_that_is_not_offered_is_refused(source, cast, rows):
    form = source.visitor.get(f"{source.path}/rules/new?kind=agent")
    data = {"csrf_token": form.visitor.token(), "pattern": "*", "version": "1"}
    for target in (f"queue:{cast['vip'].id}", "user:nobody", "\0"):
        answer = form.visitor.send(
            "POST",
            f"{source.path}/rules/new?kind=agent",
            data={**data, "target": target},
            status=422,
        )
        assert len(answer.all("[aria-invalid=true]")) == 1
    assert rows(CallRule) == 0


def test_who_changes_what_somebody_else_has_changed_is_told(source, rows):
    page = made(source, {"Names": "vip", "Meaning": "vip"})
    url = page.all("a[data-edit]")[0].attributes["href"]
    mine = page.visitor.get(url)
    page.visitor.get(url).submit(SAVE, {"Names": "vip-2"})
    page = mine.submit(SAVE, {"Names": "vi*"}, status=409)
    assert "Somebody else has changed this meanwhile." in page.text
    assert "vip-2" in page.text
    worker.run_waiting(page.visitor.app)
    assert rows(CallRule, CallRule.pattern == "vip-2") == 1


def test_who_does_not_see_everything_finds_no_rules(source, cast, visitor, app):
    made(source, {"Names": "vip", "Meaning": "vip"})
    with building(app, of=cast["admin"]):
        importer = role("Importer", Permission.IMPORT_CALLS, Permission.VIEW_CALLS)
        person = user("Bo", role=importer, projects=[cast["ours"]])
        rule_id = db.session.scalar(select(CallRule.id))
        assert db.session.scalar(select(func.count()).select_from(CallRule)) == 1
    theirs = visitor(person.email)
    for path in (
        f"{source.path}/rules",
        f"{source.path}/rules/new",
        f"/calls/sources/rules/{rule_id}/edit",
    ):
        assert theirs.get(path, status=None).status in (403, 404)


def rules_page_of(person, source, kind="queue"):
    return person.get(f"{source.path}/rules?{query(kind=kind)}")


def test_who_may_not_see_numbers_learns_none_by_rules(source, cast, visitor, rows, app):
    pattern, fields = "600100200-600100299", {"Meaning": cast["ours"].name}
    page = new_rule(source, {**fields, "Names": pattern}, "Preview", kind="number")
    assert "0 entries of the call log are assigned again" in page.text
    page = made(source, {**fields, "Names": pattern}, kind="number")
    edit = page.all("a[data-edit]")[0].attributes["href"]
    page.visitor.get(edit).submit(SAVE, {"Names": "+4860010xxxx"})
    made(source, {"Names": "vip*", "Meaning": "vip"})
    with building(app, of=cast["admin"]):
        may = (Permission.SEE_EVERYTHING, Permission.IMPORT_CALLS, Permission.VIEW_CALLS)
        may += (Permission.VIEW_ACTIVITY, Permission.VIEW_REPORTS, Permission.EXPORT)
        blind = user("Świt", role=role("Blind", *may)).email
        seeing = user("Gül", role=role("Seeing", *may, Permission.SEE_NUMBERS)).email

    seen, unseen = visitor(seeing), visitor(blind)
    shown = ["Tags", "Queues", "Operators", "Numbers dialled", "Outside lines", "Account codes"]
    shown += ["Contexts", "Scenarios", "Numbers called", "Everything else"]
    assert rules_page_of(seen, source).texts(".seg a") == shown
    assert listed(rules_page_of(seen, source, "number"))[0][0] == "+4860010xxxx"
    assert rules_page_of(unseen, source).texts(".seg a") == [*shown[:-2], shown[-1]]
    data = {"pattern": "600*", "target": f"project:{cast['ours'].id}", "version": "1"}
    new = f"{source.path}/rules/new?kind=number"
    for address in (f"{source.path}/rules?kind=number", new, edit):
        unseen.get(address, status=403)
    for address in (new, edit):
        unseen.post(address, {**data, "preview": "yes"}, status=403)
    unseen.post(edit.replace("/edit", "/delete"), status=403)

    for address in ("/activity", "/activity/export.csv", "/reports/change-log"):
        for person, known in ((seen, True), (unseen, False)):
            text = person.get(address).data.decode()
            assert "60•••200-60•••299" in text
            assert ("600100200" in text, "+4860010xxxx" in text) == (known, known), address
    for person in (seen, unseen):  # what is not searched is not found out bit by bit
        assert "the rule" not in person.get("/activity?q=600100").text
        assert "the rule vip*" in person.get("/activity?q=VIP*").text
