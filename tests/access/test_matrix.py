"""The access matrix: every route, asked by every role, for ids of their own and of others.

What is not one's own answers 404 like what never existed: the same status, bytes, headers and
number of statements. What is one's own answers 403 where the permission is missing. Nobody is led
to the sign-in page. Nothing is kept: each request is undone, so that all start from the same rows.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import select

from portal.access.guard import Access, access_of
from portal.access.permissions import Permission
from portal.access.policy import TEMPLATES
from portal.accounts.models import AuthSession
from portal.extensions import db
from portal.wall.scope import unscoped
from tests import factories
from tests.access.browsers import Browser, browser, counted
from tests.access.recipes import NEVER, OWN, Case, cases, further
from tests.access.world import World
from tests.page import FRAGMENT_HEADERS, Visitor

P = Permission
SEES_PEOPLE = {P.MANAGE_ACCESS, P.MANAGE_PEOPLE}
# What nobody but its person has anything to do with, whatever they see.
NOT_SHOWN = {"session", "saved", "subscription", "export"}


@dataclass(frozen=True)
class Asker:
    """Somebody in project A with certain permissions."""

    name: str
    permissions: frozenset[Permission]
    browser: Browser
    signed_in: bool = True

    @property
    def by_turns(self) -> bool:
        """Who has one permission only asks for each route's page or its fragment, not both."""
        return len(self.permissions) == 1

    def asks(self, access: Access, case: Case) -> bool:
        """Tell whether to ask; who has one permission, another one, asks with their own ids."""
        outside = self.by_turns and not self.may(access, case)
        return not outside or case.whose == OWN

    def sees(self, case: Case) -> bool:
        """Tell whether the row in the address is in sight of this person."""
        if case.whose == OWN:
            in_none = case.row in ("run", "job", "import", "rule", "layout")
            return P.SEE_EVERYTHING in self.permissions if in_none else True
        if case.whose == NEVER or case.whose == "foreign":
            return False
        if case.row in ("user", "group") and not SEES_PEOPLE.isdisjoint(self.permissions):
            return True
        return P.SEE_EVERYTHING in self.permissions and case.row not in NOT_SHOWN

    def may(self, access: Access, case: Case) -> bool:
        needed = {*access.permissions, further(case)} - {None}
        any_of = set(access.any_of)
        return (
            needed <= self.permissions
            and (not any_of or not any_of.isdisjoint(self.permissions))
            and (not access.sees_all or P.SEE_EVERYTHING in self.permissions)
        )


def askers(app: Flask, world: World, single: bool) -> list[Asker]:
    """Make a person of each template, and if ``single`` one for each permission; add nobody."""
    roles = {name: TEMPLATES[name] for name in ("admin", "supervisor", "operator")}
    if single:
        roles |= {f"only {permission}": frozenset({permission}) for permission in P}
    emails = {}
    with factories.building(app, of=world.projects["A"]):
        for name, permissions in roles.items():
            role = name if name in TEMPLATES else factories.role(name, *permissions)
            person = factories.user(f"Ask {name}", role=role, projects=[world.projects["A"]])
            emails[name] = person.email
    found = [_asker(app, name, permissions, emails[name]) for name, permissions in roles.items()]
    world.rows["session"] = _sessions(app, world)
    return [*found, _asker(app, "nobody", frozenset(), None)]


def _asker(app: Flask, name: str, permissions: frozenset[Permission], email: str | None) -> Asker:
    return Asker(name, permissions, browser(app, email), email is not None)


def _sessions(app: Flask, world: World) -> dict[str, object]:
    """Give sessions of somebody else in A, of B and of the other company: never one's own."""
    for name in ("supervisor of a", "supervisor of b", "their operator"):
        Visitor(app).sign_in(world.people[name].email)
    with app.app_context(), unscoped("sessions of several people are looked up"):
        rows = db.session.scalars(select(AuthSession).order_by(AuthSession.created_at.desc()))
        newest = list(rows)[:3]
    return {"X": newest[0].id, "B": newest[1].id, "A": newest[2].id}


def answer(client, asker: Asker, case: Case, fragment: bool, statements: list[str]) -> tuple:
    """Return status, headers, body and number of statements of one request."""
    statements.clear()
    headers = {"Cookie": asker.browser.cookie, "Accept-Language": "en"}
    data = {"csrf_token": asker.browser.token} if case.method == "POST" else None
    response = client.open(
        case.url,
        method=case.method,
        headers={**headers, **(FRAGMENT_HEADERS if fragment else {})},
        data=data,
    )
    with response:
        lines = [item for item in response.headers.items() if item[0] != "Date"]
        return response.status_code, lines, response.get_data(), len(statements)


def fault(app: Flask, asker: Asker, case: Case, fragment: bool, got: tuple, never: tuple) -> str:
    """Return what is wrong with an answer, or nothing."""
    access = access_of(app, case.rule.endpoint)
    status, headers = got[0], dict(got[1])
    if access.public:
        return "" if status < 500 else "a bug"
    if not asker.signed_in:
        led = headers.get("HX-Redirect" if fragment else "Location", "")
        wanted = 401 if fragment else 303
        right = status == wanted and led.startswith("/sign-in")
        return "" if right else f"not led to the sign-in page but {status}"
    if not asker.sees(case) or case.row in NOT_SHOWN:
        if got == never:
            right = {404} if asker.may(access, case) else {403, 404}
            return "" if status in right else f"not 404 but {status}"
        differ = [(one, other) for one, other in zip(got, never, strict=True) if one != other]
        return f"differs from what never existed: {differ}"
    if not asker.may(access, case):
        return "" if status == 403 else f"not 403 but {status}"
    return "" if status < 500 and status not in (401, 403, 404) else f"not let in but {status}"


def test_every_route_answers_each_role_as_it_should(app, world, undone, one_moment, database):
    """Whether a permission lets somebody in is asked on SQLite: no database has a part in that."""
    app.config["PROPAGATE_BUGS"] = False  # each is a fault in the list
    began = time.process_time()
    people = askers(app, world, single=database.name == "sqlite")
    client = app.test_client(use_cookies=False)
    asked = sorted(cases(app, world), key=lambda case: case.whose != NEVER)
    by_turns = {group: n % 2 == 0 for n, group in enumerate(sorted({c.group for c in asked}))}
    faults = []
    with counted(app) as statements:
        for asker in people:
            for fragment in (False, True):
                nevers = {}
                for case in asked:
                    if asker.by_turns and fragment != by_turns[case.group]:
                        continue
                    if not asker.asks(access_of(app, case.rule.endpoint), case):
                        continue
                    got = answer(client, asker, case, fragment, statements)
                    if case.whose == NEVER:
                        nevers[case.group] = got
                    wrong = fault(app, asker, case, fragment, got, nevers.get(case.group, got))
                    if wrong:
                        part = "fragment" if fragment else "page"
                        faults.append(f"{asker.name}: {case.method} {case.url} ({part}) {wrong}")
    print(len(asked), "cases", len(people), "people", f"{time.process_time() - began:.1f} s of CPU")
    assert not faults, "\n".join(faults)


def test_a_malformed_id_answers_like_one_that_never_existed(app, world, undone, one_moment):
    admin = _asker(app, "admin", TEMPLATES["admin"], world.people["admin"].email)
    world.rows["session"] = _sessions(app, world)
    client = app.test_client(use_cookies=False)
    faults = []
    for case in cases(app, world):
        if case.whose != NEVER:
            continue
        never = answer(client, admin, case, False, [])
        for bad in ("0", "-1", "1" * 40, "null", "%00", "..%2f", "[]", "İ"):
            url = case.url.replace("01900000-0000-7000-8000-000000000000", bad)
            other = Case(case.rule, case.method, url, case.whose, case.row, case.group)
            got = answer(client, admin, other, False, [])
            if got[:3] != never[:3]:
                faults.append(f"{case.method} {url}: {got[0]}")
    assert not faults, "\n".join(faults)
