"""Contacts: who sees which of them and what of each, on pages, in searches and in exports."""

from __future__ import annotations

import io
import threading
import time

import openpyxl
import pytest

from portal.company.models import Company, Security
from portal.crm.contacts import queries
from portal.extensions import db
from tests import factories as make
from tests.crm.conftest import NASTY, OTHER, PHONE, contact, names, own_field

CREATE, SAVE = "Create Ctrl ↵", "Save changes Ctrl ↵"


def field_name(one):
    return f"field_{one.id.hex}"


@pytest.fixture
def three(app, office):
    """Make a contact of each project and one of both, with values in all fields."""
    ours, theirs = office.projects.values()
    f = office.fields
    with make.building(app, of=ours):
        every = [(f["ours"], "M-Ż1"), (f["theirs"], "P-Ğ1"), (f["shared"], "1984-02-29")]
        return {
            "ours": contact(f"A {NASTY}", ours, phone=PHONE, values=[(f["ours"], "M-Ż0")]),
            "theirs": contact("B of theirs", theirs, phone=PHONE, values=[(f["theirs"], "P-Ğ0")]),
            "both": contact("C of both", ours, theirs, phone=OTHER, values=every),
        }


def test_each_sees_the_contacts_of_their_projects(office, three):
    a, b, c = f"A {NASTY}", "B of theirs", "C of both"
    for who, seen in {
        "ours": [a, c],
        "operator": [a, c],
        "theirs": [b, c],
        "both": [a, b, c],
        "admin": [a, b, c],
        "nowhere": [],
    }.items():
        assert names(office[who].get("/contacts")) == seen, who


def test_each_sees_the_fields_of_their_projects_only(office, three):
    assert office["ours"].get("/contacts").rows("table") == [
        [f"A {NASTY}", PHONE, "M-Ż0", "Ours – Łódź", "–"],
        ["C of both", OTHER, "M-Ż1", "Ours – Łódź", "–"],
    ]
    assert office["theirs"].get("/contacts").rows("table")[1] == [
        *("C of both", OTHER, "P-Ğ1", "Theirs – İzmir", "–")
    ]
    page = office["ours"].get(f"/contacts/{three['both'].id}")
    assert "M-Ż1" in page.body
    assert "29 Feb 1984" in page.body
    assert not {"Policy", "P-Ğ1", "İzmir"} & set(page.body.split())
    form = office["ours"].get(f"/contacts/{three['both'].id}/edit")
    assert "Policy" not in form.body + page.body
    assert "P-Ğ1" not in form.body + page.body


def test_a_field_of_one_project_says_nothing_of_a_contact_of_another(app, office, three):
    """A and the field of theirs have no project in common; who sees both sees the value."""
    with make.building(app, of=office.projects["ours"]):
        made = contact("Odd", office.projects["ours"], values=[(office.fields["theirs"], "P-odd")])
    url = f"/contacts/{made.id}"
    assert "P-odd" not in office["ours"].get(url).body
    office["theirs"].get(url, status=404)
    assert "P-odd" in office["both"].get(url).body
    assert names(office["theirs"].get("/contacts?q=P-odd")) == []


def test_search_finds_only_by_what_one_sees(office, three):
    for who, text, found in (
        ("ours", "m-z1", ["C of both"]),
        ("theirs", "m-z1", []),
        ("theirs", "P-Ğ1", ["C of both"]),
        ("ours", "p-g1", []),
        ("both", "p-g", ["B of theirs", "C of both"]),
        ("ours", "both M-Ż", ["C of both"]),
        ("ours", "345 460", [f"A {NASTY}"]),
        ("ours", "512345460", [f"A {NASTY}"]),
        ("operator", "345 460", []),
        ("operator", PHONE, [f"A {NASTY}"]),
        ("ours", "%", []),
        ("ours", "\0", [f"A {NASTY}", "C of both"]),
    ):
        assert names(office[who].get(f"/contacts?{make.query(q=text)}")) == found, (who, text)


def test_filters_by_own_fields_know_only_fields_of_the_viewer(office, three):
    mine, foreign = field_name(office.fields["ours"]), field_name(office.fields["theirs"])
    assert names(office["ours"].get(f"/contacts?{make.query(**{mine: 'z1'})}")) == ["C of both"]
    all_of_them = [f"A {NASTY}", "C of both"]
    assert names(office["ours"].get(f"/contacts?{make.query(**{foreign: 'P-Ğ1'})}")) == all_of_them
    theirs = office.projects["theirs"].id
    assert names(office["ours"].get(f"/contacts?project={theirs}")) == []
    assert names(office["both"].get(f"/contacts?project={theirs}")) == ["B of theirs", "C of both"]


def test_pages_follow_each_other_without_a_gap(app, office):
    ours = office.projects["ours"]
    with make.building(app, of=ours):
        for number in range(120):
            contact(f"Ż {number % 7}", ours)
    seen, url = [], "/contacts"
    while url:
        page = office["ours"].get(url)
        seen += [node.attributes["href"] for node in page.all("td.f-main a")]
        more = page.all(".more-row a")
        url = more[0].attributes["href"] if more else None
    assert len(seen) == len(set(seen)) == 120


def test_an_export_holds_exactly_what_is_shown(office, three):
    page = office["ours"].get("/contacts?q=C+of")
    data = office["ours"].get("/contacts/export.csv?q=C+of").data.decode("utf-8-sig")
    assert data.splitlines() == [
        "Name,Phone,Meter,Projects,Open cases",
        f"C of both,{OTHER},M-Ż1,Ours – Łódź,0",
    ]
    assert page.rows("table")[0][:4] == data.splitlines()[1].split(",")[:4]
    book = openpyxl.load_workbook(
        io.BytesIO(office["ours"].get("/contacts/export.xlsx").data), read_only=True
    )
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[1] == (f"A {NASTY}", PHONE, "M-Ż0", "Ours – Łódź", 0)
    assert "P-Ğ" not in str(rows)
    masked = office["operator"].get("/contacts")
    assert PHONE not in masked.body
    office["operator"].get("/contacts/export.csv", status=403)


def test_an_export_knows_numbers_days_and_sums(app, office, three):
    with make.building(app, of=office.projects["ours"]):
        kinds = {"Day": "date", "Sum": "number", "Mobile": "phone", "Yes": "yes_no"}
        own = [
            own_field(f"N {name}", office.projects["ours"], type=kind, show_in_list=True)
            for name, kind in kinds.items()
        ]
        values = zip(own, ["2026-11-22", "1234.5", PHONE, "yes"], strict=True)
        contact("Zoe", office.projects["ours"], phone=PHONE, values=list(values))
    for query in (PHONE, "512 345 460"):
        url = f"/contacts/export.csv?{make.query(q=query)}"
        lines = office["reader"].get(url).data.decode("utf-8-sig").splitlines()
        assert lines[0] == "Name,Phone,Meter,N Day,N Mobile,N Sum,N Yes,Projects,Open cases"
        assert len(lines) == 3
        told = f'Zoe,{PHONE},,22 Nov 2026,{PHONE},"1,234.5",Yes,Ours – Łódź,0'
        assert lines[2] == told


def test_a_foreign_contact_is_like_one_that_never_existed(office, three):
    foreign, never = three["theirs"].id, make.never_existed()
    for path in ("", "/edit"):
        missing = office["ours"].get(f"/contacts/{never}{path}", status=404)
        assert office["ours"].get(f"/contacts/{foreign}{path}", status=404).data == missing.data
    for path in ("/edit", "/delete", "/reveal"):
        office["admin"].post(f"/contacts/{never}{path}", {"name": "x"}, status=404)
        office["ours"].post(f"/contacts/{foreign}{path}", {"name": "x"}, status=404)
    office["ours"].get(f"/cases/of/{foreign}/new", status=404)


def test_a_contact_is_created_with_the_fields_of_its_project(office):
    page = office["ours"].get("/contacts/new")
    assert "Policy" not in page.body
    page = page.submit(
        CREATE,
        {"Name": NASTY, "Phone (optional)": "512 345 460", "Meter (optional)": "=1+1"},
    )
    assert NASTY in page.text
    assert office["ours"].get("/contacts").rows("table") == [
        [NASTY, PHONE, "=1+1", "Ours – Łódź", "–"]
    ]
    assert names(office["theirs"].get("/contacts")) == []
    data = office["ours"].get("/contacts/export.csv").data.decode("utf-8-sig")
    assert "'=1+1" in data


def test_who_is_in_several_projects_gets_the_fields_of_the_chosen(office):
    assert office["both"].get("/contacts/new").texts("#own-fields label") == []
    ours = office.projects["ours"].id
    page = office["both"].get(f"/contacts/new?projects={ours}")
    assert page.texts("#own-fields label") == ["Birthday (optional)", "Meter (optional)"]
    page.submit(CREATE, {"Name": "Ola", "Meter (optional)": "17"})
    assert names(office["ours"].get("/contacts?q=17")) == ["Ola"]
    page = office["both"].get("/contacts/new").submit(CREATE, {"Name": "Nowhere"}, status=422)
    assert "Choose at least one project" in page.body


def test_a_number_that_one_sees_twice_is_said_and_may_be_kept(office, three):
    page = office["ours"].get("/contacts/new")
    filled = {"Name": "Twin", "Phone (optional)": "0048 512-345-460"}
    page = page.submit(CREATE, filled, status=422)
    assert "There is a contact with this number already." in page.text
    assert "B of theirs" not in page.body
    page.submit(CREATE)
    assert names(office["ours"].get("/contacts")) == [f"A {NASTY}", "C of both", "Twin"]
    assert (
        "Other contacts with this number"
        in office["ours"].get(f"/contacts/{three['ours'].id}").text
    )


def test_a_number_of_another_project_is_as_free_as_any(office, three):
    page = (
        office["theirs"]
        .get("/contacts/new")
        .submit(CREATE, {"Name": "Free", "Phone (optional)": OTHER}, status=422)
    )
    assert "C of both" in page.body
    with_ours_only = (
        office["theirs"]
        .get("/contacts/new")
        .submit(CREATE, {"Name": "Bea", "Phone (optional)": "+48 600 100 200"})
    )
    assert "Bea" in with_ours_only.text
    twin = office["ours"].get("/contacts/new")
    assert "Bea" in twin.submit(CREATE, {"Name": "Bea", "Phone (optional)": "+48600100200"}).text


def post_edit(office, who, of, status, **sent):
    """Post what no form offers."""
    page = office[who].get(f"/contacts/{of.id}/edit")
    (form,) = page.all("#contact-form")
    data = {
        node.attributes["name"]: node.attributes.get("value") or ""
        for node in form.css("input[name]")
        if node.attributes.get("type") != "checkbox" or "checked" in node.attributes
    }
    return office[who].post(f"/contacts/{of.id}/edit", {**data, **sent}, status=status)


def test_a_forged_field_is_refused_and_nothing_is_kept(app, office, three):
    """Foreign, hidden, read-only and never existing fields are refused with the same words."""
    f, contact_ = office.fields, three["both"]
    with make.building(app, of=office.projects["ours"]):
        role = str(office.roles["editor"].id)
        hidden = own_field("Hidden", office.projects["ours"], hidden_from=[role])
        closed = own_field("Closed", office.projects["ours"], read_only_for=[role])
    said = set()
    never = f"field_{make.never_existed().hex}"
    for name in (field_name(f["theirs"]), field_name(hidden), field_name(closed), never, "field_x"):
        page = post_edit(office, "editor", contact_, 422, **{name: "forged", "name": "Renamed"})
        said.add(" ".join(node.text() for node in page.all(".note.bad")))
    assert len(said) == 1, said
    assert "not yours to change" in said.pop()
    assert "forged" not in office["admin"].get(f"/contacts/{contact_.id}").body
    assert "Renamed" not in office["admin"].get("/contacts").body


def test_values_are_changed_and_taken_out_and_others_stay(office, three):
    page = office["ours"].get(f"/contacts/{three['both'].id}/edit")
    page.submit(SAVE, {"Meter (optional)": "", "Birthday (optional)": "2001-01-31", "Name": "C2"})
    assert office["ours"].get("/contacts").rows("table")[1][:3] == ["C2", OTHER, "–"]
    text = office["theirs"].get(f"/contacts/{three['both'].id}").text
    assert "31 Jan 2001" in text
    assert "P-Ğ1" in text


@pytest.mark.parametrize(
    ("settings", "good", "bad"),
    [
        ({"type": "number"}, "1 234,5", "12a"),
        ({"type": "date"}, "2026-11-22", "2026-13-01"),
        ({"type": "email"}, "ż@example.org", "ż@example"),
        ({"type": "link"}, "https://example.org/ż?a=1", "ftp://example.org/"),
        ({"type": "phone"}, "+48 512 345 460", "+48 abc"),
        ({"type": "text", "pattern": "@@-####"}, "Żó-1234", "ab-12"),
        ({"type": "text", "required": True}, "x", " "),
    ],
)
def test_a_value_is_held_against_its_field(app, office, settings, good, bad):
    with make.building(app, of=office.projects["ours"]):
        own_field("Own", office.projects["ours"], **settings)
    label = "Own" if settings.get("required") else "Own (optional)"
    page = office["ours"].get("/contacts/new").submit(CREATE, {"Name": "A", label: bad}, status=422)
    assert list(page.errors()) == [label]
    page.submit(CREATE, {label: good})
    assert names(office["ours"].get("/contacts")) == ["A"]


def test_choices_are_offered_and_nothing_else_is_taken(app, office):
    with make.building(app, of=office.projects["ours"]):
        tariff = own_field(
            "Tariff", office.projects["ours"], type="choice", choices=["G11", NASTY],
            show_in_list=True,
        )  # fmt: skip
        own_field("Keen", office.projects["ours"], type="yes_no")
    page = office["ours"].get("/contacts/new")
    page.submit(CREATE, {"Name": "A", "Tariff (optional)": NASTY, "Keen (optional)": "Yes"})
    url = f"/contacts?{make.query(**{field_name(tariff): NASTY})}"
    assert names(office["ours"].get(url)) == ["A"]
    assert names(office["ours"].get(f"/contacts?{field_name(tariff)}=G11")) == []


def test_a_number_is_masked_and_revealed_on_the_record(office, three):
    page = office["operator"].get(f"/contacts/{three['ours'].id}")
    assert "+4851•••460" in page.body
    assert PHONE not in page.body
    assert PHONE not in office["operator"].get(f"/contacts/{three['ours'].id}/edit").body
    shown = page.submit("Reveal")
    assert PHONE in shown.body
    activity = office["ours"].get("/activity").text
    assert "revealed the number +4851•••460" in activity


def test_two_who_change_the_same_lose_nothing(office, three):
    url = f"/contacts/{three['both'].id}/edit"
    mine, others = office["ours"].get(url), office["theirs"].get(url)
    others.submit(SAVE, {"Policy (optional)": "P-9"})  # nothing that I see
    mine.submit(SAVE, {"Meter (optional)": "M-9"})
    stale = mine.submit(SAVE, {"Meter (optional)": "M-8"}, status=409)
    assert "Somebody else has changed this meanwhile." in stale.text
    stale.submit(SAVE)
    text = office["both"].get(f"/contacts/{three['both'].id}").text
    assert "M-8" in text
    assert "P-9" in text


def test_of_two_at_the_same_moment_one_is_told(office, three, monkeypatch):
    url = f"/contacts/{three['ours'].id}/edit"
    pages, statuses = [office[name].get(url) for name in ("ours", "both")], []

    def slowly(contact):
        found = state_of(contact)
        time.sleep(0.3)
        return found

    def save(page, name):
        statuses.append(page.submit(SAVE, {"Name": name}, status=None).status)

    state_of = queries.state_of
    monkeypatch.setattr(queries, "state_of", slowly)
    both = [
        threading.Thread(target=save, args=(page, name))
        for page, name in zip(pages, ("First", "Second"), strict=True)
    ]
    for one in both:
        one.start()
    for one in both:
        one.join(30)
    assert sorted(statuses) == [200, 409]


def test_an_archived_project_keeps_its_contacts(app, office, three):
    office["admin"].post(f"/projects/{office.projects['theirs'].id}/archive")
    for name in ("both", "theirs"):
        page = office["both"].get(f"/contacts/{three[name].id}/edit")
        assert "Theirs – İzmir" not in page.texts("[name=projects]")
        page.submit(SAVE, {"Name": "Again"})
    assert names(office["theirs"].get("/contacts")) == ["Again", "Again"]


def test_a_company_without_walls_leaves_contacts_where_they_are(app, office, three):
    with make.building(app, of=office.projects["ours"]):
        db.session.get_one(Company, office.projects["ours"].company_id).security = Security.SIMPLE
    page = office["ours"].get(f"/contacts/{three['both'].id}/edit")
    page.submit(SAVE, {"Name": "Again"})
    with make.building(app, of=office.projects["ours"]):
        db.session.get_one(Company, office.projects["ours"].company_id).security = Security.ENHANCED
    for name in ("ours", "theirs"):
        assert "Again" in names(office[name].get("/contacts"))


def test_deleting_takes_out_of_ones_own_projects_only(office, three):
    page = office["ours"].get(f"/contacts/{three['both'].id}").submit("Delete")
    assert names(page) == [f"A {NASTY}"]
    assert names(office["theirs"].get("/contacts")) == ["B of theirs", "C of both"]
    assert "P-Ğ1" in office["theirs"].get(f"/contacts/{three['both'].id}").body
    office["theirs"].get(f"/contacts/{three['both'].id}").submit("Delete")
    assert names(office["admin"].get("/contacts")) == [f"A {NASTY}", "B of theirs"]
    office["operator"].post(f"/contacts/{three['ours'].id}/delete", {}, status=403)


def test_a_field_is_made_with_its_settings_and_tells_its_roles(office):
    page = office["ours"].get("/objects/contact-fields/new")
    wanted = {"Name": "Tariff", "Type": "Choice", "Show in lists": True}
    refused = page.submit(CREATE, wanted, status=422)
    assert refused.errors() == {"Choices": "This is needed."}
    made = refused.submit(CREATE, {"Choices": "G11\n C11 \nG11\n"})
    names_ = names(made)
    assert "Tariff" in names_
    contact_page = office["ours"].get("/contacts/new")
    assert contact_page.texts("#own-fields option") == ["Not set", "G11", "C11"]
    contact_page.submit(CREATE, {"Name": "A", "Tariff (optional)": "C11"})
    form = office["ours"].get(office["ours"].get("/objects/contact-fields").link("Tariff"))
    page = form.submit(SAVE, {"Type": "Text"}, status=422)
    assert page.errors() == {"Type": "Contacts have values of this type. Make another field."}
    assert form.submit(SAVE, {"Pattern": "***"}, status=422).errors() == {
        "Pattern": "At most 2 stars."
    }


def test_a_field_keeps_its_type_also_where_only_others_see_its_values(app, office):
    """Else one project could unmask what another keeps as numbers."""
    ours, theirs = office.projects["ours"], office.projects["theirs"]
    with make.building(app, of=ours):
        private = own_field("Private", ours, theirs, type="phone")
        contact("Of theirs", theirs, values=[(private, PHONE)])
    form = office["ours"].get(f"/objects/contact-fields/{private.id}")
    page = form.submit(SAVE, {"Type": "Text"}, status=422)
    assert page.errors() == {"Type": "Contacts have values of this type. Make another field."}


def test_taking_a_change_back_unmasks_no_numbers(app, office):
    ours = office.projects["ours"]
    with make.building(app, of=ours):
        mobile = own_field("Mobile", ours)
    form = office["ours"].get(f"/objects/contact-fields/{mobile.id}")
    form.submit(SAVE, {"Type": "Phone number"})
    activity = office["ours"].get("/activity")
    with make.building(app, of=ours):
        made = contact("Ola", ours, values=[(mobile, PHONE)])
    page = activity.submit("Revert Mobile", status=422)
    assert "Contacts have values of this type. Make another field." in page.text
    assert PHONE not in office["operator"].get(f"/contacts/{made.id}").body


def test_a_field_hidden_from_a_role_is_nowhere_for_it(app, office):
    ours = office.projects["ours"]
    with make.building(app, of=ours):
        role = str(office.roles["reader"].id)
        hidden = own_field("Secret", ours, show_in_list=True, hidden_from=[role])
        made = contact("Ola", ours, values=[(hidden, "zebra")])
    office["ours"].get(f"/contacts/{made.id}/edit").submit(SAVE, {"Secret (optional)": "giraffe"})
    for url in (
        "/contacts",
        f"/contacts/{made.id}",
        "/contacts/export.csv",
        "/activity",
        "/activity/export.csv",
    ):
        body = office["reader"].get(url).data.decode()
        words = ("zebra", "giraffe", *(["Secret"] if "activity" not in url else []))
        assert not [word for word in words if word in body], url
    assert "zebra" in office["ours"].get("/activity").text
    assert names(office["reader"].get("/contacts?q=giraffe")) == []
    assert names(office["ours"].get("/contacts?q=giraffe")) == ["Ola"]
    assert "Ola" not in office["reader"].get("/activity?q=giraffe").text


def test_the_activity_tells_values_to_the_projects_of_their_field(office, three):
    url = f"/contacts/{three['both'].id}/edit"
    office["both"].get(url).submit(
        SAVE, {"Meter (optional)": "M-new", "Policy (optional)": "P-new", "Name": "C2"}
    )
    ours, theirs = office["ours"].get("/activity"), office["theirs"].get("/activity")
    assert ours.rows(".diff table")[:2] == [["Name", "C of both", "C2"], ["Meter", "M-Ż1", "M-new"]]
    assert theirs.rows(".diff table")[:2] == [
        ["Name", "C of both", "C2"],
        ["Policy", "P-Ğ1", "P-new"],
    ]
    for mark in ("P-new", "P-Ğ1"):
        assert mark not in ours.body
        assert mark not in office["ours"].get("/activity/export.csv").data.decode()
    both = office["both"].get("/activity")
    told = sorted(row[0] for row in both.rows(".diff table")[:4])
    assert told == ["Meter", "Name", "Name", "Policy"]


def test_a_value_of_a_field_of_elsewhere_is_told_to_nobody_of_one_project(app, office, three):
    with make.building(app, of=office.projects["ours"]):
        made = contact("Odd", office.projects["ours"], values=[(office.fields["theirs"], "P-odd")])
    office["both"].get(f"/contacts/{made.id}/edit").submit(SAVE, {"Policy (optional)": "P-odd2"})
    for who in ("ours", "theirs"):
        assert "P-odd" not in office[who].get("/activity").body, who
    assert "P-odd2" in office["admin"].get("/activity").body
