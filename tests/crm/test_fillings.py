"""Forms filled in on a contact, a case and a call: jumps, required answers, fields, quotas."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.crm.fillings.models import FormAnswer, FormFilling
from portal.crm.models import ContactValue
from portal.database import utcnow
from portal.extensions import db
from portal.objects.kinds.form import CrmForm, FormVersion
from portal.objects.kinds.form.content import Page, Question, Rule
from portal.projects.models import Project
from portal.wall.scope import unscoped
from tests import factories as make
from tests.crm.conftest import NASTY, PHONE, case, contact, own_field, published_form, visit

NAME = f"Ankieta {NASTY}"


def pages(meter, secret):
    """Return the pages of a form: the first asks, and leads to the third or to the end."""
    rules = (Rule("Yes", most=2), Rule(NASTY, to="p3"), Rule("No", to="end"))
    return (
        Page("p1", "Hello", "Dzień dobry,\n<b>hi</b>", questions=(
            Question("q1", "choice", "Do you want it?", required=True,
                     choices=("Yes", NASTY, "No"), rules=rules),
        )),
        Page("p2", questions=(
            Question("q2", "text", "Meter?", field=str(meter.id), required=True),
            Question("q3", "text", "Secret?", field=str(secret.id)),
            Question("q4", "number", "How many?", hint=NASTY),
        )),
        Page("p3", questions=(
            Question("q5", "several", "Which?", choices=("A", "B", "Ş")),
            Question("q6", "date", "When?"),
            Question("q7", "scale", "How good?", least=0, most=10),
            Question("q8", "yes_no", "Sure?"),
            Question("q9", "long", "Why?"),
        )),
    )  # fmt: skip


@pytest.fixture
def desk(app, office):
    """Add to the office a form of each project, and a contact, a case and a call of ours."""
    ours, theirs = office.projects.values()
    with make.building(app, of=ours):
        secret = own_field("Secret", ours, hidden_from=[str(make.template_role("operator").id)])
        meter = office.fields["ours"]
        client = contact("Łucja İnce", ours, theirs, phone=PHONE)
        made = {
            "form": published_form(NAME, ours, *pages(meter, secret)),
            "theirs": published_form("Formularz İzmir", theirs, *pages(meter, secret)),
            "contact": client,
            "case": case("Skarga", client, ours),
            "their case": case("Şikâyet", client, theirs),
            "visit": visit(ours, PHONE),
            "their visit": visit(theirs, PHONE),
            "nobody's": visit(None, PHONE),
            "secret": secret,
            "meter": meter,
        }
        published_form("Switched off", ours, *pages(meter, secret), active=False)
        make.make_object("forms", "Only a draft", ours)
    return made


def begin(desk, who, kind="contact", form="form", status=200, about=None):
    about = about or desk["visit" if kind == "call" else kind]
    return who.post(f"/fillings/{kind}/{about.id}/{desk[form].id}", status=status)


def rows(app, desk, model):
    with make.building(app, of=desk["form"]):
        return list(db.session.scalars(select(model).order_by(model.id)))


def values(app, desk):
    with make.building(app, of=desk["form"]):
        found = select(ContactValue).where(ContactValue.contact_id == desk["contact"].id)
        return {row.field_id: row.value for row in db.session.scalars(found)}


def answer_all(page, meter="M-17", secret="hush"):
    """Answer the way over all pages, and stop before the end."""
    page = page.submit("Next", {"Yes": True})
    page = page.submit(
        "Next", {"Meter?": meter, "Secret? (optional)": secret, "How many? (optional)": "1,5"}
    )
    return page.submit(
        "Next",
        {
            "A": True,
            "Ş": True,
            "When? (optional)": "2026-12-24",
            "10": True,
            "Why? (optional)": NASTY,
        },
    )


def test_what_is_offered_is_published_active_and_of_the_project(office, desk):
    for who, kind, expected in (
        ("operator", "contact", [NAME]),
        ("theirs", "contact", ["Formularz İzmir"]),
        ("both", "contact", [NAME, "Formularz İzmir"]),
        ("both", "case", [NAME]),
        ("both", "call", [NAME]),
        ("reader", "contact", []),
    ):
        where = {
            "contact": f"/contacts/{desk['contact'].id}",
            "case": f"/cases/{desk['case'].id}",
            "call": f"/calls/{desk['visit'].id}",
        }[kind]
        assert office[who].get(where).texts("#fill-in button") == expected, (who, kind)
    page = office["admin"].get("/calls/" + str(desk["nobody's"].id))
    assert page.texts("#fill-in button") == []


@pytest.mark.parametrize("kind", ["contact", "case", "call"])
def test_a_form_is_filled_in_and_shown(app, office, desk, kind):
    page = begin(desk, office["ours"], kind)
    assert "Dzień dobry" in page.text
    refused = page.submit("Next", status=422)
    assert refused.errors() == {"Do you want it?": "This is needed."} or "needed" in refused.text
    page = answer_all(page)
    assert page.texts("main dd") == [
        "Yes", "M-17", "hush", "1.5", "A, Ş", "24 Dec 2026", "10", "no answer", NASTY
    ]  # fmt: skip
    assert values(app, desk) == {}
    home = page.submit("Finish")
    place = {"contact": "contacts", "case": "cases", "call": "calls"}[kind]
    assert home.url.split("?")[0] == f"/{place}/{desk['visit' if kind == 'call' else kind].id}"
    table = next(row for row in home.rows("table") if row and "Ankieta" in row[0])
    assert table[0] == f"{NAME} Version 1"
    assert table[1:3] == ["Finished", "S ours"] or table[1] == "Finished"
    assert values(app, desk) == {desk["meter"].id: "M-17", desk["secret"].id: "hush"}
    assert "Finished" in home.click(NAME).text
    assert [row[0] for row in office["ours"].get(f"/contacts/{desk['contact'].id}").rows("table")
            if row and "Ankieta" in row[0]] == [f"{NAME} Version 1"]  # fmt: skip
    feed = office["ours"].get("/activity").text
    assert f"S ours began to fill in the form {NAME}" in feed
    assert f"S ours filled in the form {NAME}" in feed
    assert "Ankieta" not in office["theirs"].get("/activity").text
    assert "Ankieta" not in office["theirs"].get(f"/contacts/{desk['contact'].id}").text


def test_jumps_lead_on_and_what_was_left_is_forgotten(app, office, desk):
    page = answer_all(begin(desk, office["ours"]))
    page = page.click("Change Page 1 “Hello”").submit("Next", {"Yes": False, NASTY: True})
    assert page.texts("main form h2") == ["Page 3"]
    page = page.submit("Back")
    assert page.texts("main form h2") == ["Page 1 “Hello”"]
    page = page.submit("Next", {NASTY: False, "No": True})
    assert page.texts("main dd") == ["No"]
    page.submit("Finish")
    assert [(one.question, one.value) for one in rows(app, desk, FormAnswer)] == [("q1", "No")]
    assert values(app, desk) == {}


def test_what_is_given_is_kept_at_once(app, office, desk):
    page = begin(desk, office["operator"])
    url = page.url.split("?")[0]
    kept = page.visitor.post(f"{url}/keep", {"page": "p1", "a_q1": "Yes"}, fragment=True)
    assert kept.text.startswith("Kept at")
    sent = {"page": "p2", "a_q2": "M-1", "a_q4": "several"}
    kept = page.visitor.post(f"{url}/keep", sent, fragment=True)
    assert kept.text == "Not kept yet: How many?"
    assert {one.question: one.value for one in rows(app, desk, FormAnswer)} == {
        "q1": "Yes", "q2": "M-1"
    }  # fmt: skip
    again = begin(desk, office["operator"])  # goes on with what was begun
    assert again.url == page.url
    assert len(rows(app, desk, FormFilling)) == 1
    assert again.tree.css_first("input[value=Yes][checked]") is not None
    other = begin(desk, office["ours"])
    assert other.url != page.url


HOSTILE = {
    ("p1", "a_q1"): ["Maybe", "", "\0", "x" * 5000, "yes"],
    ("p2", "a_q2"): ["a\u202eb", "x" * 501, "a\0b"],
    ("p2", "a_q4"): ["NaN", "1e5", "9" * 40, "٣", "1;1"],
    ("p3", "a_q5"): ["C", "A\0"],
    ("p3", "a_q6"): ["2026-02-30", "20261224", "0001-01-01", "soon"],
    ("p3", "a_q7"): ["11", "-1", "5.0"],
    ("p3", "a_q8"): ["Yes", "1"],
    ("p3", "a_q9"): ["x" * 5001, "a\u2066b"],
}


def test_nonsense_is_refused_and_nothing_of_it_kept(app, office, desk):
    page = begin(desk, office["operator"])
    url = page.url.split("?")[0]
    for (where, name), texts in HOSTILE.items():
        for text in texts:
            office["operator"].post(f"{url}/keep", {"page": where, name: text}, fragment=True)
            assert rows(app, desk, FormAnswer) == [], (name, text)
            if text:
                office["operator"].post(url, {"page": where, name: text}, status=422)
    sent = {"page": "p1", "a_q9": "not on this page", "a_zz": "never asked", "a_q1": "Yes"}
    office["operator"].post(f"{url}/keep", sent, fragment=True)
    assert [one.question for one in rows(app, desk, FormAnswer)] == ["q1"]
    office["operator"].get(f"{url}?page=gone")


def test_what_is_missing_cannot_be_finished(app, office, desk):
    page = begin(desk, office["operator"])
    url = page.url.split("?")[0]
    office["operator"].post(f"{url}/keep", {"page": "p1", "a_q1": "Yes"}, fragment=True)
    refused = office["operator"].post(f"{url}/finish", status=422)
    assert refused.texts(".note li") == ["Meter? : This is needed."]
    assert [one.status for one in rows(app, desk, FormFilling)] == ["draft"]
    assert values(app, desk) == {}


def test_a_hidden_field_is_neither_written_nor_read(app, office, desk):
    """The operator may answer, but what goes into a field hidden from them stays as it is."""
    with make.building(app, of=desk["form"]):
        make._add(
            ContactValue(contact_id=desk["contact"].id, field_id=desk["secret"].id, value="old")
        )
    page = answer_all(begin(desk, office["operator"]), secret="overwritten")
    assert "overwritten" not in page.text
    assert page.texts("main dd")[2] == "hidden from your role"
    back = page.click("Change Page 2")
    assert "overwritten" not in back.body
    assert "There is an answer that is hidden from your role." in back.text
    page = back.submit("Next").submit("Next")  # the empty input says nothing
    page.submit("Finish")
    assert values(app, desk) == {desk["meter"].id: "M-17", desk["secret"].id: "old"}
    assert ("q3", "overwritten") in [(a.question, a.value) for a in rows(app, desk, FormAnswer)]
    url = page.url.split("?")[0]
    assert "overwritten" in office["ours"].get(url).text
    assert "overwritten" not in office["operator"].get(url).body


def test_a_field_that_has_left_the_project_is_not_written(app, office, desk):
    with make.building(app, of=desk["form"]):
        link = type(desk["meter"]).Link
        db.session.delete(
            db.session.scalars(select(link).where(link.object_id == desk["meter"].id)).one()
        )
    answer_all(begin(desk, office["ours"])).submit("Finish")
    assert values(app, desk) == {desk["secret"].id: "hush"}


def test_what_a_field_refuses_is_told_at_the_question(app, office, desk):
    with make.building(app, of=desk["form"]):
        field = db.session.get(type(desk["meter"]), (desk["meter"].company_id, desk["meter"].id))
        field.pattern = "M-##"
    page = answer_all(begin(desk, office["ours"]), meter="M-1")
    refused = page.submit("Finish", status=422)
    assert refused.texts(".note li") == ["Meter? : Meter: This must look like M-##."]
    page = refused.click("Meter?").submit("Next", {"Meter?": "M-17"}).submit("Next")
    page.submit("Finish")
    assert values(app, desk)[desk["meter"].id] == "M-17"


def test_a_quota_is_kept_over_all_versions(app, office, desk):
    for _ in range(2):
        answer_all(begin(desk, office["ours"])).submit("Finish")
    with make.building(app, of=desk["form"]):
        form = db.session.get(CrmForm, (desk["form"].company_id, desk["form"].id))
        own = {"project_id": form.project_id, "form_id": form.id}
        make._add(FormVersion(**own, number=2, content=form.draft))
    page = answer_all(begin(desk, office["ours"]))
    refused = page.submit("Finish", status=422)
    assert refused.texts(".note li") == [
        "Do you want it? : There are enough forms with “Yes” already."
    ]
    page = refused.click("Do you want it?").submit("Next", {"Yes": False, "No": True})
    page.submit("Finish")
    assert [one.status for one in rows(app, desk, FormFilling)] == ["complete"] * 3


def test_a_finished_form_does_not_change(app, office, desk):
    page = answer_all(begin(desk, office["ours"]))
    url = page.url.split("?")[0]
    page.submit("Finish")
    before = [(one.question, one.value) for one in rows(app, desk, FormAnswer)]
    for path in ("/keep", "", "/finish"):
        sent = {"page": "p1", "a_q1": "No"}
        refused = office["ours"].post(f"{url}{path}", sent, status=409)
        assert "does not change any more" in refused.text
    refused = office["ours"].post(f"{url}/keep", sent, status=409, fragment=True)
    assert "does not change any more" in refused.text
    assert [(one.question, one.value) for one in rows(app, desk, FormAnswer)] == before
    assert "Finish" not in [b.text() for b in office["ours"].get(f"{url}?page=p1").all("button")]
    office["operator"].post(f"{url}/delete", status=403)
    office["ours"].post(f"{url}/delete")
    assert rows(app, desk, FormAnswer) == []


def test_answers_stay_with_the_version_they_were_given_to(app, office, desk):
    page = begin(desk, office["ours"]).submit("Next", {"No": True})
    with make.building(app, of=desk["form"]):
        own = {"project_id": desk["form"].project_id, "form_id": desk["form"].id}
        newer = {**desk["form"].draft, "pages": desk["form"].draft["pages"][1:]}
        make._add(FormVersion(**own, number=2, content=newer))
    url = page.url.split("?")[0]
    page = office["ours"].get(f"{url}?end=1")
    assert page.texts("main dd") == ["No"]
    page.submit("Finish")
    assert "Version 1" in office["ours"].get(url).text
    assert begin(desk, office["ours"]).texts("main form h2") == ["Page 1"]


def test_strangers_readers_and_forms_of_other_projects(app, office, desk):
    page = begin(desk, office["ours"])
    url = page.url.split("?")[0]
    never = make.never_existed()
    missing = office["theirs"].get(f"/fillings/{never}", status=404)
    assert office["theirs"].get(url, status=404).data == missing.data
    for path in ("/keep", "", "/finish", "/delete"):
        office["theirs"].post(f"{url}{path}", status=404)
        office["reader"].post(f"{url}{path}", status=403)
    assert "Next" not in [b.text() for b in office["reader"].get(url).all("button")]
    for kind in ("contact", "case", "call"):
        begin(desk, office["operator"], kind, form="theirs", status=404)
        begin(desk, office["reader"], kind, status=403)
    both = office["both"]
    refused = begin(desk, both, "case", status=422, about=desk["their case"])
    assert "is a form of another project" in refused.text
    begin(desk, both, "call", status=422, about=desk["their visit"])
    begin(desk, office["admin"], "call", status=422, about=desk["nobody's"])
    begin(desk, both, "contact", form="theirs")  # the contact is in both
    version = rows(app, desk, FormVersion)[0]
    both.post(f"/fillings/contact/{desk['contact'].id}/{version.id}", status=404)
    with make.building(app, of=desk["form"]):
        drafts = select(CrmForm).where(CrmForm.name.in_(["Only a draft", "Switched off"]))
        for form in db.session.scalars(drafts):
            desk[form.name] = form
    for name in ("Only a draft", "Switched off"):
        begin(desk, both, form=name, status=422)
    assert len(rows(app, desk, FormFilling)) == 2


def test_a_contact_and_a_form_with_fillings_stay_and_a_case_leaves_them(app, office, desk):
    answer_all(begin(desk, office["ours"], "case")).submit("Finish")
    office["ours"].post(f"/cases/{desk['case'].id}/delete")
    assert [one.case_id for one in rows(app, desk, FormFilling)] == [None]
    refused = office["ours"].post(f"/contacts/{desk['contact'].id}/delete", status=422)
    assert "has cases or filled-in forms there" in refused.text
    refused = office["ours"].post(f"/objects/forms/{desk['form'].id}/delete", status=422)
    assert "is in use" in refused.text
    with make.building(app, of=desk["form"]), unscoped("the whole trail is read"):
        told = select(AuditEntry.project_id).where(AuditEntry.kind == "filling")
        assert set(db.session.scalars(told)) == {desk["form"].project_id}


def test_in_an_archived_project_nothing_is_begun(app, office, desk):
    with make.building(app, of=desk["form"]):
        project = db.session.get(Project, (desk["form"].company_id, desk["form"].project_id))
        project.archived_at = utcnow()
    begin(desk, office["ours"], status=422)
    assert "Fill in a form" not in office["ours"].get(f"/contacts/{desk['contact'].id}").text
