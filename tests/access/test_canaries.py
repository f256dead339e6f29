"""Nobody finds a text, a number or an id that is not theirs, wherever they look.

Each person opens everything that can be reached from the start page: pages, fragments, exports,
suggestions, hover cards, cursors. What is found in bodies and headers must be theirs. Every text
is hostile as well: none becomes an element, an attribute or a formula.
"""

from __future__ import annotations

import html
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from portal.company.models import Security
from tests.access.crawler import Answer, Crawl, client_of
from tests.access.harm import harm_in, laxness_of
from tests.access.markers import content_of, marks_in
from tests.access.world import World
from tests.access.write_map import methods_of, rules

# What no link leads to: a mail, a password or the demo's own setting comes before it.
NOT_LINKED = {
    "accounts.choose_password": "/choose-password/nonsense",
    "accounts.password_chosen": "/choose-password",
    "accounts.forgot_sent": "/forgot/sent",
    "accounts.code": "/sign-in/code",
    "accounts.pick_company": "/sign-in/company",
    "accounts.outbox": "/outbox",
    "kept.unsubscribe": "/reports/unsubscribe/nonsense",
}
# Who looks around; the others in the world differ from these by letters only. The administrator
# comes last: their exports of a project are told in its activity, with their name.
WALLED = [
    None,
    "manager of a",
    "supervisor of a",
    "supervisor of ab",
    "supervisor of none",
    "operator of b",
    "lister",
    "hiring",
    "their operator",
    "admin",
]
OPEN = ["supervisor of a", "operator of b"]
# With the second wall there is less to find, and each answer takes longer: some look around there.
SOME = [None, "supervisor of a", "admin"]


def look_around(
    app: Flask, world: World, name: str | None, *, every_report: bool = False
) -> Iterator[tuple[Answer, list[str]]]:
    """Yield each answer that a person gets, with what it should not hold.

    Reports are made by one engine: if not ``every_report``, a person opens a third of them.
    """
    person = world.people[name] if name else None
    turn = None if every_report else WALLED.index(name)
    crawl = Crawl(app, client_of(app, person.email if person else None), turn)
    for answer in crawl.from_start("/", *(() if name else NOT_LINKED.values())):
        shown = content_of(answer.mimetype, answer.body) + repr(answer.headers)
        foreign = sorted(
            {
                mark.text
                for mark in marks_in(shown, world.ids)
                if person is None or not person.may_know(mark)
            }
        )
        yield answer, foreign


def well_answered(answer: Answer) -> bool:
    """Tell whether a link led somewhere; a search may be refused as not being a number.

    The files of long downloads are in the world only by name: they are gone.
    """
    if answer.status < 400 or answer.status == 410 or answer.endpoint in NOT_LINKED:
        return True
    return answer.status == 422 and "?" in answer.request.url


def findings(
    app: Flask, world: World, names: Iterable[str | None], thorough: str = ""
) -> tuple[list, set, Counter]:
    """Return what is wrong, which endpoints were reached, and how many answers each one got.

    Who is ``thorough`` opens every report.
    """
    faults, reached, counts = [], set(), Counter()
    for name in names:
        for answer, foreign in look_around(app, world, name, every_report=name == thorough):
            reached.add(answer.endpoint)
            counts[name] += 1
            harm = harm_in(answer.mimetype, answer.body) + laxness_of(answer.headers)
            if foreign or harm or not well_answered(answer):
                request = answer.request
                faults.append((name, answer.status, request.url, request.target, foreign, harm))
    return faults, reached, counts


def test_nobody_finds_what_is_not_theirs(app, world, database):
    app.config["PROPAGATE_BUGS"] = False  # each is a fault in the list
    began = time.process_time()
    everybody = {"names": WALLED, "thorough": "supervisor of a"}
    people = everybody if database.name == "sqlite" else {"names": SOME}
    faults, reached, counts = findings(app, world, **people)
    linked = {rule.endpoint for rule in rules(app) if "GET" in methods_of(rule)}
    print(counts.total(), "answers", dict(counts), f"{time.process_time() - began:.1f} s of CPU")
    assert not faults, "\n".join(map(repr, faults))
    assert database.name != "sqlite" or sorted(linked - reached) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_walls_all_of_the_company_is_seen_and_nothing_of_another(app, world):
    app.config["PROPAGATE_BUGS"] = False
    change_type(app, world, Security.SIMPLE)
    everything = {
        name: replace(world.people[name], sees_all=True, sees_people=True) for name in OPEN
    }
    opened = replace(world, people={**world.people, **everything})
    faults, _, _ = findings(app, opened, OPEN)
    assert not faults, "\n".join(map(repr, faults))
    change_type(app, world, Security.ENHANCED)
    faults, _, _ = findings(app, world, OPEN)
    assert not faults, "\n".join(map(repr, faults))


def change_type(app: Flask, world: World, to: Security) -> None:
    """Change the security type as the administrator does it: on the page."""
    client = client_of(app, world.people["admin"].email)
    page = client.get("/settings/security")
    name = client.get("/settings").text.split('id="name"')[1].split('value="')[1].split('"')[0]
    token = page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    fields = {"csrf_token": token, "to": to.value, "typed": html.unescape(name)}
    assert client.post("/settings/security", data=fields).status_code == 303
