"""What is not mine answers like what never existed, wherever an id, a term or a name is sent.

Addresses are tried in test_matrix; here it is every parameter of every list, every field of every
form, search terms and taken names. Bodies are compared byte for byte, but for the value itself.
"""

from __future__ import annotations

import re
import uuid
from urllib.parse import quote, urlencode

import pytest
from markupsafe import escape

from tests.access.browsers import Browser, browser, counted
from tests.access.crawler import SAME_FIGURES
from tests.access.markers import number
from tests.access.world import World, text

NEVER = "01900000-abcd-7def-8abc-0000000beef0"
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What is new for each request cannot be compared: the secret of a second factor, a question's id.
RANDOM = {"accounts.second_factor", "questionnaire.create"}
WHO = "manager of a"


def foreign_ids(world: World) -> dict[str, str]:
    """Return ids that the manager of A does not see: of B, of the archive, of another company."""
    wanted = {"project": "BX", "user": "X", "group": "X", "role": "W", "queues": "BX"}
    wanted |= {"phones": "B", "visit": "B", "identity": "B"}
    return {
        f"{kind} of {place}": str(world.rows[kind][place])
        for kind, places in wanted.items()
        for place in places
    }


def asked_for(world: World, name: str, turn: int) -> dict[str, str]:
    """Return those ids that a parameter or field of this name may mean, and a few of the others.

    Every ``turn`` it is others.
    """
    return {
        whose: value
        for number, (whose, value) in enumerate(foreign_ids(world).items())
        if whose.split()[0].rstrip("s") in name or number % 7 == turn % 7
    }


def seen(
    visitor: Browser, method: str, url: str, value: str, statements: list[str], **options
) -> tuple:
    """Return an answer without the value that was sent, and how many statements it took."""
    statements.clear()
    response = visitor.open(method, url, **options)
    with response:
        text = response.get_data(as_text=True)
        if 300 <= response.status_code < 400:  # leads to a new thing: its id is a new one
            text = _ID.sub("…", text)
        text += repr(_headers(visitor, response))
    count = len(statements)
    for form in {value, value.replace("-", ""), quote(value), quote(quote(value)), escape(value)}:
        text = text.replace(str(form), "…")
    return response.status_code, text, count


def _headers(visitor: Browser, response) -> list[tuple[str, str]]:
    """Return the headers; the form cookie as what it holds, and without the id of a new thing."""
    lines = []
    for name, value in response.headers.items():
        if name == "Set-Cookie" and value.startswith("bulkhead_form="):
            interface = visitor.app.session_interface.get_signing_serializer(visitor.app)
            cookie = value.removeprefix("bulkhead_form=").partition(";")[0]
            lines.append((name, repr(interface.loads(cookie)) if cookie else ""))
        elif name == "Location":
            lines.append((name, _ID.sub("…", value)))
        elif name not in ("Date", "Content-Length"):
            lines.append((name, value))
    return lines


@pytest.fixture
def asking(app, world):
    """Sign the manager of A in, and count what is executed for them."""
    app.config["PROPAGATE_BUGS"] = False
    with counted(app) as statements:
        yield browser(app, world.people[WHO].email), statements


def test_parameters_of_lists_betray_nothing(world, database, undone, one_moment, asking, found):
    visitor, statements = asking
    parameters, _forms = found(WHO)
    faults = []
    for turn, ((endpoint, name), path) in enumerate(parameters.items()):
        if endpoint in SAME_FIGURES and (turn % 3 or database.name != "sqlite"):
            continue  # they read the address as the page does
        never = seen(visitor, "GET", f"{path}?{name}={NEVER}", NEVER, statements)
        for whose, value in asked_for(world, name, turn).items():
            got = seen(visitor, "GET", f"{path}?{name}={value}", value, statements)
            if got != never or got[0] >= 500:
                faults.append((endpoint, name, whose, got[0], never[0], got[2], never[2]))
    assert not faults, "\n".join(map(repr, faults))
    assert len(parameters) > 20


def test_fields_of_forms_betray_nothing(world, undone, one_moment, asking, found):
    visitor, statements = asking
    _parameters, forms = found(WHO)
    faults = []
    fields = [(form, name) for form in forms if form.endpoint not in RANDOM for name in form.names]
    for turn, (form, name) in enumerate(fields):
        action, endpoint = form.action, form.endpoint
        others = [(key, value) for key, value in form.sent if key != name]

        def post(value, action=action, others=others, name=name):
            data = urlencode([*others, (name, value), ("csrf_token", visitor.token)])
            return seen(
                visitor, "POST", action, value, statements,
                data=data, content_type="application/x-www-form-urlencoded",
            )  # fmt: skip

        never = post(NEVER)
        for whose, value in asked_for(world, name, turn).items():
            got = post(value)
            if got != never or got[0] >= 500:
                faults.append((endpoint, name, whose, got[0], never[0], got[2], never[2]))
    assert not faults, "\n".join(map(repr, faults))
    assert len(fields) > 30


def test_terms_of_others_are_found_like_nonsense(undone, one_moment, asking, found):
    visitor, statements = asking
    parameters, _forms = found(WHO)
    faults = []
    for (endpoint, name), path in parameters.items():
        if name not in ("q", "number"):
            continue
        theirs, nothing = ("zqoBqz", "zqo0qz") if name == "q" else (number("B", 1), "+48799999999")
        query = quote(theirs), quote(nothing)
        got = seen(visitor, "GET", f"{path}?{name}={query[0]}", theirs, statements)
        never = seen(visitor, "GET", f"{path}?{name}={query[1]}", nothing, statements)
        if got != never or got[0] >= 500:
            faults.append((endpoint, name, got[0], never[0], got[2], never[2]))
    assert not faults, "\n".join(map(repr, faults))


def test_a_name_taken_out_of_sight_is_free(app, world, undone, one_moment, asking):
    """Also an address that is known in another company; within one, addresses are unique."""
    visitor, statements = asking
    mine = str(world.projects["A"].id)
    other = browser(app, world.people["hiring"].email)
    role = str(world.rows["role"]["H"])
    owned, shared = {"project": mine}, {"projects": mine}
    person = {"name": "Somebody", "role": role}
    cases = [
        (visitor, "/objects/queues/new", "name", text("o", "B", "queues ") + "!", owned),
        (visitor, "/objects/phones/new", "name", text("o", "B", "phones ") + "!", shared),
        (visitor, "/projects/new", "name", text("j", "B", "project ") + "!", {}),
        (visitor, "/roles/new", "name", text("r", "W"), {}),
        (other, "/groups/new", "name", text("p", "X", "group ") + "!", {}),
        (other, "/users/new", "email", "zqpXqz.member@example.org", person),
    ]  # fmt: skip
    for who, url, field, taken, more in cases:
        data = {"active": "y", "version": "1", **more, "csrf_token": who.token}
        free = taken.replace("zq", "yy")
        answers = [
            seen(who, "POST", url, name, statements, data={**data, field: name})
            for name in (taken, free)
        ]
        assert [status for status, _, _ in answers] == [303, 303], url
        assert answers[0][2] == answers[1][2], f"{url}: another number of statements"


def test_ids_tell_nothing_about_how_many_there_are(world):
    """Ids are random enough that neither the next nor the number of them can be told."""
    ids = [identifier for identifier in world.ids if isinstance(identifier, uuid.UUID)]
    assert all(identifier.version in (4, 5, 7, 8) for identifier in ids)
    tails = {identifier.int & (1 << 48) - 1 for identifier in ids}
    assert len(tails) == len(ids)
