"""The page of a list's numbers: adding, searching and removing by hand."""

from __future__ import annotations

from tests.imports.test_wizard import entries


def path_of(one) -> str:
    return f"/objects/lists/{one.id}/numbers"


def test_numbers_are_pasted_found_and_taken_out(app, centre, jan):
    page = jan.get(f"/objects/lists/{centre.blocked.id}").click("Numbers")
    assert page.path == path_of(centre.blocked)
    typed = {"Numbers": "512 345 460\n\n+90 532 123 45 67\n0048512345460", "Country": "Poland"}
    page = page.submit("Add", typed)
    assert page.texts(".toast")[0].startswith(
        "2 numbers added. Typed more than once: +48512345460."
    )
    assert [row[0] for row in page.rows("#list table")] == ["+48512345460", "+905321234567"]
    found = jan.get(f"{page.path}?q=512 345")
    assert [row[0] for row in found.rows("#list table")] == ["+48512345460"]
    page = page.submit("Remove +48512345460")
    assert [number for number, _, _ in entries(app, centre.blocked)] == ["+905321234567"]


def test_a_line_that_is_no_number_is_told_and_nothing_added(app, centre, jan):
    page = jan.get(path_of(centre.blocked))
    page = page.submit("Add", {"Numbers": "512345460\n<b>x</b>"}, status=422)
    assert page.errors() == {"Numbers": "These are no numbers: <b>x</b>."}
    assert entries(app, centre.blocked) == []


def test_the_wall_stands_before_the_numbers_of_a_list(app, centre, jan, visitor):
    other = visitor(centre.other.email)
    shared, own = path_of(centre.vip), path_of(centre.blocked)
    other.get(shared).submit("Add", {"Numbers": "+48512345461"})
    assert [row[0] for row in jan.get(shared).rows("#list table")] == ["+48512345461"]
    assert other.get(own, status=404).status == 404
    assert other.post(own, {"numbers": "+48512345462", "country": "PL"}, status=404).status == 404
    assert entries(app, centre.blocked) == []
    assert visitor(centre.operator.email).get(own, status=403).status == 403


def test_a_list_that_is_deleted_takes_its_numbers_along(app, centre, jan):
    jan.get(path_of(centre.blocked)).submit("Add", {"Numbers": "+48512345461"})
    page = jan.get(f"/objects/lists/{centre.blocked.id}")
    page.submit("Delete")
    assert entries(app, centre.blocked) == []
