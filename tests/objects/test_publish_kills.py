"""Killed at any of its statements, a publish has made no version, or a whole one."""

from __future__ import annotations

import os
import signal

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from portal.audit.models import AuditEntry
from portal.extensions import db
from portal.objects.kinds.form.content import END, Form, Page, Question, Rule
from portal.objects.kinds.form.uses import FormField
from portal.objects.kinds.scenario import ScenarioTarget
from portal.objects.registry import KINDS
from tests import factories as make
from tests.access.browsers import browser
from tests.attacks.processes import all_rows, in_a_process_of_its_own, killed_before

KILLS = 25
NASTY = "Łódź \"<img src=x onerror=alert(1)>\" 'İş' =1+1"


class Desk:
    """An object with a draft, the draft that comes next, and somebody who publishes them."""

    def __init__(self, app, slug, item, mine, contents, used):
        self.app, self.kind, self.item, self.mine = app, KINDS[slug], item, mine
        self.contents, self.used = contents, used

    def publish(self, state):
        url = f"/objects/{self.kind.slug}/{self.item.id}/publish"
        fields = {"csrf_token": self.mine.token, "state": str(state)}
        assert self.mine.open("POST", url, data=fields).status_code == 303

    def draft(self, content, state):
        """Put ``content`` in place of the draft."""
        read = self.kind.content.read
        with make.building(self.app, of=self.item):
            item = self._item()
            item.draft, item.draft_state = content, state
            self.kind.content.uses(item, [read(one) for one in self.contents])

    def state(self):
        """Return the versions, the draft, the names of what is needed, and what was told."""
        version, (others, _content, uses, name) = self.kind.content.model, KINDS_OF[self.kind.slug]
        with make.building(self.app, of=self.item):
            item, model = self._item(), KINDS[others].model
            versions = db.session.scalars(select(version).order_by(version.number))
            used = select(model.name).where(model.id.in_(select(getattr(uses, name))))
            told = select(AuditEntry).where(AuditEntry.action == "published")
            return (
                [(one.number, one.content) for one in versions],
                (item.draft, item.draft_state),
                sorted(db.session.scalars(used)),
                sorted(one.detail["version"] for one in db.session.scalars(told)),
            )

    def _item(self):
        return db.session.get_one(self.kind.model, (self.item.company_id, self.item.id))


def asking(fields):
    question = Question("q1", "choice", NASTY, choices=("Yes", NASTY), rules=(Rule("Yes", END),))
    others = tuple(
        Question(f"f{number}", "text", one.name, field=str(one.id))
        for number, one in enumerate(fields)
    )
    last = Page("p2", questions=(Question("q2", "long", "Why?", field=""),))
    return Form((Page("p1", NASTY, NASTY, questions=(question, *others)), last)).plain()


def checking(lists):
    end = {"key": "end", "do": "hang_up", "set": {}, "ways": []}
    return {
        "steps": [
            {
                "key": f"s{number}",
                "do": "list",
                "set": {"list_id": str(one.id)},
                "ways": [{"on": "listed", "steps": [{**end, "key": f"e{number}"}]}],
            }
            for number, one in enumerate(lists)
        ]
        + [end]
    }


KINDS_OF = {
    "forms": ("contact-fields", asking, FormField, "field_id"),
    "scenarios": ("lists", checking, ScenarioTarget, "list_id"),
}


@pytest.fixture(params=KINDS_OF)
def desk(app, request):
    """Give an object whose draft needs two others; the draft that comes next needs two more."""
    others, content, *_uses = KINDS_OF[request.param]
    with make.building(app):
        make.company()
        ours = make.project("Ours")
        used = [make.make_object(others, f"{number} {NASTY}", ours) for number in range(4)]
        read = KINDS[request.param].content.read
        contents = [read(content(part)).plain() for part in (used[:2], used[2:])]
        item = make.make_object(request.param, NASTY, ours, draft=contents[0])
        person = make.user("Agata Żak", role="supervisor", projects=[ours])
    names = [one.name for one in used]
    made = Desk(app, request.param, item, browser(app, person.email), contents, names)
    made.draft(contents[0], 1)
    return made


def killed_often(app, desk, state):
    """Publish and be killed before each statement, until it happens; return how often."""
    before, kills = all_rows(app), 0
    while killed_before(app, kills or None, lambda: desk.publish(state)):
        assert all_rows(app) == before, f"half published before statement {kills}"
        kills += 1
    return kills


def test_a_publish_that_is_killed_leaves_what_was_before(app, desk):
    one, two = desk.contents
    assert desk.state() == ([], (one, 1), desk.used, [])
    kills = killed_often(app, desk, 1)
    assert desk.state() == ([(1, one)], (one, 1), desk.used[:2], [1])
    desk.draft(two, 2)
    kills += killed_often(app, desk, 2)
    assert desk.state() == ([(1, one), (2, two)], (two, 2), desk.used[2:], [1, 2])
    assert kills >= KILLS


def test_a_publish_that_is_killed_behind_its_commit_has_happened_once(app, desk):
    def publish_and_die():
        commits = []  # savepoints end by after_commit, too

        def strike(session):
            if commits:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "commit", commits.append)
        event.listen(Session, "after_commit", strike)
        desk.publish(1)

    assert in_a_process_of_its_own(app, publish_and_die) == -signal.SIGKILL
    one = desk.contents[0]
    assert desk.state() == ([(1, one)], (one, 1), desk.used[:2], [1])
    after = all_rows(app)
    desk.publish(1)  # as somebody does whose page broke down: there is nothing left to do
    assert all_rows(app) == after
