"""What happens in projects that are not mine changes no byte of what I see.

Everything that can be reached is opened, then all sorts of things are changed in project B, in no
project and in the other company, and everything is opened again: counts, cursors, figures, entity
tags and headers are the same.
"""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from portal.database import utcnow
from portal.extensions import db
from portal.members.models import User
from portal.objects.registry import KINDS
from portal.projects.models import Project
from tests import factories
from tests.access import calls, crm
from tests.access.browsers import Browser, browser
from tests.access.crawler import Crawl, Request, client_of
from tests.access.world import World

# A workbook holds the second in which it was written; a new second factor is random.
NOT_COMPARED = (".xlsx", "/profile/second-factor")
_EXPIRY = re.compile(r"Expires=[^;]*; ")  # counts from the moment of the answer


# Each opens another third of the reports.
WHO = [("sqlite", "supervisor of a"), ("sqlite", "lister"), ("postgresql", "supervisor of a")]


def addresses(app: Flask, email: str, turn: int) -> list[Request]:
    crawl = Crawl(app, client_of(app, email), turn)
    requests = [answer.request for answer in crawl.from_start("/")]
    return [r for r in requests if not any(part in r.url for part in NOT_COMPARED)]


def shown(mine: Browser, requests: list[Request]) -> dict[Request, tuple]:
    answers = {}
    for request in requests:
        response = mine.open("GET", request.url, headers=request.headers)
        with response:
            headers = [(name, _EXPIRY.sub("", value)) for name, value in response.headers.items()
                       if name != "Date"]  # fmt: skip
            answers[request] = (response.status_code, headers, response.get_data())
    return answers


def disturb(app: Flask, world: World) -> None:
    """Change everything that can be changed without touching project A and its people."""
    with factories.building(app, of=world.projects["B"]):
        theirs, new = db.session.get(Project, _key(world, "B")), factories.project("Brand new")
        theirs.name, theirs.description = "Renamed", "Altogether"
        theirs.changed_at = utcnow()
        for slug, kind in KINDS.items():
            factories.make_object(slug, f"Another {slug}", theirs)
            item = db.session.get(kind.model, (theirs.company_id, world.rows[slug]["B"]))
            item.name, item.active = f"Renamed {slug}", False
        stranger = factories.user("A Stranger", projects=[theirs, new], role="supervisor")
        factories.join(new, factories.group("A new group", stranger))
        member = db.session.get(User, (theirs.company_id, world.rows["user"]["B"]))
        member.locked_at = utcnow()
        calls.plant(world, ("B", "U"), crossing=None, company="O", name="Another PBX")
        db.session.get(Project, _key(world, "Z")).archived_at = None
        crm.disturb(world)
    with factories.building(app, of=world.projects["X"]):
        factories.project("Theirs, too")
        for person in db.session.scalars(select(User)):
            person.name = f"{person.name} (left)"
        calls.plant(world, ("X",), crossing=None, company="W", name="Their other PBX")
    browser(app, world.people["supervisor of b"].email)


def _key(world: World, letter: str) -> tuple:
    return world.projects[letter].company_id, world.projects[letter].id


@pytest.mark.parametrize(("database", "who"), WHO, indirect=["database"])
def test_what_is_not_mine_changes_nothing_that_i_see(app, world, undone, one_moment, database, who):
    app.config["PROPAGATE_BUGS"] = False
    mine = browser(app, world.people[who].email)
    requests = addresses(app, world.people[who].email, WHO.index((database.name, who)))
    before = shown(mine, requests)
    assert shown(mine, requests) == before, "pages change by themselves"
    disturb(app, world)
    after = shown(mine, requests)
    changed = [request for request in before if before[request] != after[request]]
    assert changed == []
    assert len(before) > 10
