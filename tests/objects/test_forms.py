"""CRM forms: pages and questions are drafted, checked, published, compared and tried."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.audit.models import AuditEntry
from portal.extensions import db
from portal.objects.kinds.form import CrmForm, FormVersion
from portal.objects.kinds.form.content import Form, read
from portal.objects.versions.content import ContentError
from tests import factories as make
from tests.page import Visitor

NASTY = "Łódź \"<img src=x onerror=alert(1)>\" 'İş' =1+1"
SAVE = "Save Ctrl ↵"


@pytest.fixture
def desk(app, visitor):
    """Return a supervisor of Ours and one of Theirs, an operator of Ours, and a form of Ours."""
    with make.building(app):
        make.company()
        ours, theirs = make.project("Ours"), make.project("Theirs")
        mine = make.user("Agata Żak", role="supervisor", projects=[ours])
        other = make.user("Işıl Kaya", role="supervisor", projects=[theirs])
        reader = make.role("Reader", make.Permission.VIEW_OBJECTS, make.Permission.VIEW_ACTIVITY)
        looks = make.user("Rea Der", role=reader, projects=[ours])
        form = make.make_object("forms", f"Ankieta {NASTY}", ours)
        made = {"ours": ours, "theirs": theirs, "form": form, "url": f"/objects/forms/{form.id}"}
        for name, project, kind in (
            ("Meter", ours, "number"),
            ("Licznik", ours, "text"),
            ("Policy", theirs, "text"),
        ):
            made[name] = make.make_object("contact-fields", name, project, type=kind)
    people = {"mine": mine, "other": other, "reader": looks}
    made |= {"visitor": visitor, "email": mine.email}
    return made | {name: visitor(one.email) for name, one in people.items()}


def content_of(app, desk):
    with make.building(app, of=desk["ours"]):
        form = db.session.get(CrmForm, (desk["form"].company_id, desk["form"].id))
        return read(form.draft)


def add(page, kind, number=1):
    """Follow the link that adds a question of a type to a page of the draft."""
    links = [a for a in page.all("a") if a.text().strip() == kind]
    return page.visitor.get(links[number - 1].attributes["href"])


def drafted(desk):
    """Draft a form of three pages by the portal's own pages; return the outline."""
    draft = desk["mine"].get(f"{desk['url']}/draft")
    for _ in range(3):
        draft = draft.submit("Add a page")
    draft = draft.click("Edit Page 1").submit(
        SAVE, {"Title (optional)": NASTY, "Text to read out (optional)": "Dzień dobry,\n<b>hi</b>"}
    )
    draft = add(draft, "One choice").submit(
        SAVE, {"Question": "Do you want it?", "Choices": f"Yes\n{NASTY}\nNo", "Required": True}
    )
    draft = draft.click("Edit: Do you want it?").submit(
        SAVE, {"No leads to": "the end", f"{NASTY} leads to": "Page 3", "Yes at most": "2"}
    )
    draft = add(draft, "Number", 2).submit(
        SAVE, {"Question": "How many?", "Contact field that takes the answer": "Meter"}
    )
    return add(draft, "Long text", 3).submit(SAVE, {"Question": "Why?", "Hint (optional)": NASTY})


def versions_of(app, desk):
    with make.building(app, of=desk["ours"]):
        return list(db.session.scalars(select(FormVersion.number).order_by(FormVersion.number)))


def test_a_form_is_drafted_published_and_told(app, desk):
    draft = drafted(desk)
    assert draft.texts("main h2") == [f"Page 1 “{NASTY}”", "Page 2", "Page 3"]
    form = content_of(app, desk)
    assert [(p.title, [q.text for q in p.questions]) for p in form.pages] == [
        (NASTY, ["Do you want it?"]), ("", ["How many?"]), ("", ["Why?"])
    ]  # fmt: skip
    assert [(r.answer, r.to, r.most) for r in form.pages[0].questions[0].rules] == [
        ("Yes", "", 2), (NASTY, form.pages[2].id, 0), ("No", "end", 0)
    ]  # fmt: skip
    page = desk["mine"].get(f"{desk['url']}/versions").submit("Publish the draft")
    assert page.rows("table")[0][0] == "Version 1 Works now"
    assert "Publish the draft" not in page.text
    page = page.click("Version 1")
    assert page.texts("main h2") == [
        NASTY,
        "Do you want it?",
        "Page 2",
        "How many?",
        "Page 3",
        "Why?",
    ]
    assert "Meter" in page.text
    with make.building(app, of=desk["ours"]):
        told = select(AuditEntry.action).where(AuditEntry.kind == "form").order_by(AuditEntry.seq)
        assert set(db.session.scalars(told)) == {"created", "drafted", "published"}
    feed = desk["mine"].get("/activity").text
    assert f"Agata Żak published the CRM form Ankieta {NASTY}" in feed
    assert "Ankieta" not in desk["other"].get("/activity").text


def test_the_difference_is_told_in_words(app, desk):
    drafted(desk)
    page = desk["mine"].get(f"{desk['url']}/versions").submit("Publish the draft")
    draft = desk["mine"].get(f"{desk['url']}/draft").submit("Remove: Why?")
    draft = draft.click("Edit: How many?").submit(SAVE, {"Required": True, "Page": "Page 3"})
    draft = add(draft, "Yes or no", 2).submit(SAVE, {"Question": "Sure?"})
    page = desk["mine"].get(f"{desk['url']}/versions").click("What is different")
    assert page.texts("main h2") == ["Added Sure?", "Changed How many?", "Removed Why?"]
    assert "Required No Yes" in page.text
    assert "{" not in page.tree.css_first("main").text()
    page = desk["mine"].get(f"{desk['url']}/versions").submit("Publish the draft")
    assert [row[0] for row in page.rows("table")] == ["Version 2 Works now", "Version 1"]
    page = page.click("What was new 2")
    assert page.texts("main h2") == ["Added Sure?", "Changed How many?", "Removed Why?"]
    page = desk["mine"].get(f"{desk['url']}/versions").submit("Take as the draft 1")
    page = desk["mine"].get(f"{desk['url']}/difference?old=1&new=draft")
    assert "No difference" in page.text


def test_what_cannot_be_published_is_named_by_its_place(app, desk):
    url = desk["url"]
    page = desk["mine"].post(f"{url}/publish", {"state": "1"}, status=422)
    assert "There is no page yet." in page.text
    drafted(desk)
    form = content_of(app, desk)
    first = form.pages[0]
    plain = form.plain()
    plain["pages"][0]["questions"][0]["rules"] = [
        {"answer": "Yes", "to": "gone", "most": 0},
        {"answer": NASTY, "to": "end", "most": 0},
        {"answer": "No", "to": first.id, "most": 0},
    ]
    plain["pages"][1]["then"] = first.id
    plain["pages"][2]["questions"][0]["field"] = str(desk["Policy"].id)
    put(app, desk, plain)
    page = desk["mine"].post(f"{url}/publish", {"state": "99"}, status=422)
    place = f"Page 1 “{NASTY}”"
    assert page.texts(".note li") == [
        f"{place}, Do you want it?, Yes: it leads to a page that is not there.",
        f"{place}, Do you want it?, No: it leads back to {place}, so it might never end.",
        "Page 2: nothing leads here.",
        f"Page 2: it leads back to {place}, so it might never end.",
        "Page 3: nothing leads here.",
        "Page 3, Why?: its contact field is not in the project.",
    ]
    assert versions_of(app, desk) == []


def put(app, desk, plain, state=99):
    with make.building(app, of=desk["ours"]):
        form = db.session.get(CrmForm, (desk["form"].company_id, desk["form"].id))
        form.draft, form.draft_state = plain, state


def test_an_older_draft_never_overwrites(app, desk):
    drafted(desk)
    mine = desk["mine"]
    draft = mine.get(f"{desk['url']}/draft")
    page = draft.click("Edit: Why?")
    later = draft.submit("Move up: Page 3")
    assert later.texts("main h2")[-2:] == ["Page 2", "Page 3"]
    refused = page.submit(SAVE, {"Question": "Whatever"}, status=409)
    assert "Somebody else has changed this meanwhile." in refused.text
    assert refused.tree.css_first("#text").attributes["value"] == "Whatever"
    refused = draft.submit("Remove: Why?", status=409)
    assert "Why?" in refused.text
    assert [q.text for _page, q in content_of(app, desk).questions()][1:] == ["Why?", "How many?"]
    mine.post(f"{desk['url']}/publish", {"state": "1"}, status=409)
    for state in ("", "x", "-1", "9" * 40, "١"):
        mine.post(f"{desk['url']}/publish", {"state": state}, status=409)


def test_published_twice_there_is_one_version(app, desk):
    drafted(desk)
    page = desk["mine"].get(f"{desk['url']}/versions")
    page.submit("Publish the draft")
    page.submit("Publish the draft")
    assert versions_of(app, desk) == [1]


def test_reorder_by_fragments(app, desk):
    drafted(desk)
    draft = desk["mine"].get(f"{desk['url']}/draft")
    page = draft.submit("Move up: Page 2", fragment=True)
    assert page.texts("h2") == ["Page 1", f"Page 2 “{NASTY}”", "Page 3"]
    page = page.submit("Remove: Page 3", fragment=True)
    assert "It cannot be published yet:" in page.text


def test_a_dry_run_jumps_and_keeps_nothing(app, desk):
    drafted(desk)
    before = content_of(app, desk)
    page = desk["mine"].get(f"{desk['url']}/draft").click("Try it")
    assert "Dzień dobry" in page.text
    refused = page.submit("Next", status=422)
    assert "This is needed." in refused.text
    ended = page.submit("Next", {"No": True})
    assert ended.texts("main h2")[-1] == "The form ends here"
    third = page.submit("Next", {NASTY: True})
    assert third.texts("form h2") == ["Page 3"]
    assert third.submit("Back").texts("form h2") == [f"Page 1 “{NASTY}”"]
    second = page.submit("Next", {"Yes": True})
    wrong = second.submit("Next", {"How many? (optional)": "много"}, status=422)
    assert wrong.errors() == {"How many? (optional)": "This is not a number."}
    ended = wrong.submit("Next", {"How many? (optional)": "1 250,50"}).submit("Next")
    assert ended.texts("main form dd") == ["Yes", "1,250.5", "–"]
    assert content_of(app, desk) == before
    assert versions_of(app, desk) == []


def test_strangers_and_readers(desk):
    drafted(desk)
    desk["mine"].get(f"{desk['url']}/versions").submit("Publish the draft")
    never = f"/objects/forms/{make.never_existed()}"
    for path in ("/draft", "/versions", "/versions/1", "/difference", "/draft/try"):
        missing = desk["other"].get(f"{never}{path}", status=404)
        assert desk["other"].get(f"{desk['url']}{path}", status=404).data == missing.data
        desk["reader"].get(f"{desk['url']}{path}")
    for path in ("/publish", "/draft/arrange", "/versions/1/draft"):
        desk["other"].post(f"{desk['url']}{path}", {"state": "1", "do": "page"}, status=404)
        desk["reader"].post(f"{desk['url']}{path}", {"state": "1", "do": "page"}, status=403)
    for number in ("0", "2", "999999", "1000000", "x", "-1", "9" * 30):
        desk["mine"].get(f"{desk['url']}/versions/{number}", status=404)
    for odd in ("9" * 30, "x", "2", "١"):
        desk["mine"].get(f"{desk['url']}/difference?old={odd}", status=404)
    desk["mine"].get("/objects/queues/" + str(make.never_existed()) + "/versions", status=404)


def test_only_fields_of_the_project_are_offered_and_taken(desk):
    draft = drafted(desk)
    page = add(draft, "Text", 2)
    offered = [one.text() for one in page.all("#field option")]
    assert offered == ["None", "Licznik"]
    refused = desk["mine"].post(
        page.url,
        {"text": "Forged", "page": "", "field": str(desk["Policy"].id), "state": "1"},
        status=422,
    )
    assert "Policy" not in refused.text
    assert "Forged" not in desk["mine"].get(f"{desk['url']}/draft").text


@pytest.mark.parametrize(
    ("label", "typed", "message"),
    [
        ("Question", "", "This is needed."),
        ("Question", "a\u202eb", "This text contains characters that cannot be shown safely."),
        ("Question", "x" * 301, "At most 300 characters."),
        ("Choices", "", "This is needed."),
        ("Choices", "a\nb\na", "Line 3: The same is in line 1."),
        ("Choices", "\n".join(map(str, range(51))), "At most 50 lines."),
        ("Choices", "y" * 201, "Line 1: At most 200 characters."),
    ],
)
def test_what_is_wrong_is_told_at_its_field(desk, label, typed, message):
    draft = desk["mine"].get(f"{desk['url']}/draft").submit("Add a page")
    fields = {"Question": "Any", "Choices": "Yes", label: typed}
    page = add(draft, "One choice").submit(SAVE, fields, status=422)
    assert page.errors() == {label: message}


def test_a_scale_and_forged_positions(desk):
    draft = desk["mine"].get(f"{desk['url']}/draft").submit("Add a page")
    page = add(draft, "Scale")
    refused = page.submit(SAVE, {"Question": "How?", "From": "5", "To": "5"}, status=422)
    assert refused.errors() == {"To": "It has to be more than where the scale begins."}
    refused = page.submit(SAVE, {"Question": "How?", "To": "9" * 25}, status=422)
    draft = page.submit(SAVE, {"Question": "How?"})
    for do in ("up:gone", "remove:", "down:\0", "x" * 5000, "up:" + "9" * 300):
        sent = {"do": do, "state": draft.tree.css_first("[name=state]").attributes["value"]}
        known = do.split(":")[0] in ("up", "down", "remove")
        desk["mine"].post(f"{desk['url']}/draft/arrange", sent, status=422 if known else 200)
    for path in ("pages/gone", "questions/gone", "pages/gone/new/text", "questions/%00"):
        desk["mine"].get(f"{desk['url']}/draft/{path}", status=404)


def test_a_form_moves_and_goes_with_its_versions(app, desk):
    drafted(desk)
    desk["mine"].get(f"{desk['url']}/versions").submit("Publish the draft")
    page = desk["mine"].get(f"/objects/contact-fields/{desk['Meter'].id}")
    assert f"Ankieta {NASTY}" in page.texts("#used-by ~ ul li")[0]
    refused = desk["mine"].post(f"/objects/contact-fields/{desk['Meter'].id}/delete", status=422)
    assert f"Meter is used by Ankieta {NASTY}." in refused.text
    with pytest.raises(IntegrityError):
        move(app, desk)
    draft = desk["mine"].get(f"{desk['url']}/draft")
    draft.click("Edit: How many?").submit(SAVE, {"Contact field that takes the answer": "None"})
    with pytest.raises(IntegrityError):  # what works needs it still
        move(app, desk)
    desk["mine"].get(f"{desk['url']}/versions").submit("Publish the draft")
    move(app, desk)
    assert desk["other"].get(f"{desk['url']}/versions/1").status == 200
    desk["mine"].get(f"{desk['url']}/versions/1", status=404)
    page = desk["other"].get(f"{desk['url']}/versions").submit("Take as the draft 1")
    assert page.texts(".note li") == ["Page 2, How many?: its contact field is not in the project."]
    desk["other"].post(f"{desk['url']}/delete")
    assert versions_of(app, desk) == []


def move(app, desk):
    with make.building(app, of=desk["ours"]):
        form = db.session.get(CrmForm, (desk["form"].company_id, desk["form"].id))
        form.project_id = desk["theirs"].id


def test_published_at_the_same_moment_there_is_one_version(app, desk):
    drafted(desk)
    state = desk["mine"].get(f"{desk['url']}/versions").tree.css_first("[name=state]")
    sent = {"state": state.attributes["value"]}
    people = [desk["visitor"](desk["email"]) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        ask = partial(Visitor.post, url=f"{desk['url']}/publish", fields=sent, status=None)
        found = [page.status for page in pool.map(ask, people)]
    assert set(found) <= {200, 409}, found
    assert versions_of(app, desk) == [1]


NONSENSE = [
    None, [], 1, "x", {"pages": 1}, {"pages": [{}]}, {"pages": [], "more": 1}, {"pages": [None]},
    {"pages": [{"id": "p", "title": "", "text": "\0", "then": "", "questions": []}]},
    {"pages": [{"id": "end", "title": "", "text": "", "then": "", "questions": []}]},
    {"pages": [{"id": "A B", "title": "", "text": "", "then": "", "questions": []}]},
    {"pages": [{"id": ["p"], "title": "", "text": "", "then": "", "questions": []}]},
    {"pages": [{"id": "p", "title": "", "text": "", "then": "", "questions": []}] * 2},
    {"pages": [{"id": "p", "title": "", "text": "x" * 2001, "then": "", "questions": []}]},
]  # fmt: skip


@pytest.mark.parametrize("plain", NONSENSE, ids=lambda plain: repr(plain)[:40])
def test_nonsense_is_refused(plain):
    with pytest.raises(ContentError):
        read(plain)


def test_what_is_written_is_read():
    assert read({}) == Form()
    assert read(Form().plain()) == Form()
