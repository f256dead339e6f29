"""A call centre with a week of calls: two projects, calls through both, and in none."""

from __future__ import annotations

import datetime as dt
import os
import random
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from portal.access.identity import assume, identity_by_id
from portal.calls.evidence import Identity
from portal.calls.importing import import_files
from portal.calls.operations import create_source
from portal.extensions import db
from tests.factories import building, company, group, make_object, project, user

# Calls of a bank, published by others; read from beside the project, where they are there.
BANK = (
    Path(os.environ.get("CALL_DATA", Path(__file__).parents[3] / "shared" / "call-data"))
    / "anonymousbank"
    / "calls_1999_01_02_10.csv.gz"
)
collect_ignore = [] if BANK.is_file() else ["test_bank.py"]
EVIL = "=1+1 <img src=x onerror=alert(1)> Żółć|İ"
WARSAW = ZoneInfo("Europe/Warsaw")
# The clocks of Warsaw go back on 25 October 2026: its day has 25 hours.
FIRST = dt.datetime(2026, 10, 22, tzinfo=WARSAW)
PERIOD = {"period": "custom", "from": "2026-10-22", "to": "2026-10-28"}


def lines(chance: random.Random):
    """Yield the events of some hundred calls over a week, at all hours."""
    agents = {"ours": ("Agata Żak", "Owen O'Neil"), "theirs": ("Işıl Kaya", "Owen O'Neil")}
    for number in range(240):
        queue = chance.choice(["ours", "ours", "theirs", "unknown"])
        at = int(FIRST.timestamp()) + chance.randrange(7 * 86_400 + 3600)
        call, caller = f"{at}.{number}", f"+4850000{chance.randrange(60):04}"
        yield at, f"{call}|{queue}|NONE|ENTERQUEUE||{caller}|1"
        wait = chance.choice([0, 3, 5, 9, 10, 20, 21, 45, 130])
        fate = chance.random()
        if fate < 0.2:
            yield at + wait, f"{call}|{queue}|NONE|ABANDON|1|1|{wait}"
            continue
        if fate < 0.3:
            yield at + wait, f"{call}|{queue}|NONE|EXITWITHTIMEOUT|1|1|{wait}"
            if queue == "ours":  # it goes on in the queue of the other project
                at, queue = at + wait + 1, "theirs"
                yield at, f"{call}|{queue}|NONE|ENTERQUEUE||{caller}|1"
            else:
                continue
        agent = chance.choice(agents.get(queue, ("Nobody Known",)))
        talk = chance.randrange(5, 400)
        yield at + wait, f"{call}|{queue}|{agent}|CONNECT|{wait}|x.{number}|3"
        yield at + wait + talk, f"{call}|{queue}|{agent}|COMPLETECALLER|{wait}|{talk}|1"


class Centre:
    """Visitors by name, each signed in when first spoken of, and the ids that tests ask for."""

    def __init__(self, visitor, people, ids):
        self.visitor, self.people, self.ids = visitor, people, ids
        self.signed_in = {}

    def __getitem__(self, name):
        if name not in self.signed_in:
            self.signed_in[name] = self.visitor(self.people[name][2])
        return self.signed_in[name]


@pytest.fixture
def centre(app, visitor, tmp_path):
    return Centre(visitor, *made(app, tmp_path))


@pytest.fixture
def acting(app, centre):
    """Call a function as somebody, within a request of their own."""

    def act(name, work):
        company_id, user_id, _email = centre.people[name]
        with app.test_request_context():
            assume(identity_by_id(company_id, user_id))
            return work()

    return act


def made(app, tmp_path):
    """Import a week of calls; return company, id and address of the people, and ids by name."""
    chance = random.Random(20261122)  # the same calls each time, nothing secret
    path = tmp_path / "queue_log"
    found = sorted(lines(chance))
    path.write_text("".join(f"{at}|{text}\n" for at, text in found))
    with building(app):
        admin = company()
        ours, theirs = project(f"Ours {EVIL}"), project("Theirs – İzmir")
        people = {
            "admin": admin,
            "ours": user("Agata Żak", role="supervisor", projects=[ours]),
            "theirs": user("Işıl Kaya", role="supervisor", projects=[theirs]),
            "both": user("Owen O'Neil", role="supervisor", projects=[ours, theirs]),
            "operator": user("Elif Tunç", role="operator", projects=[ours]),
            "nowhere": user("Nikt Nigdzie", role="supervisor"),
        }
        people["far"] = user("Şule Uzak", role="supervisor", projects=[ours, theirs])
        people["far"].timezone = "Asia/Kolkata"
        queues = {
            "ours": make_object("queues", f"Kolejka {EVIL}", ours),
            "theirs": make_object("queues", "Kuyruk", theirs),
        }
        team = group("Zespół 'A'", people["ours"], people["both"])
        source = create_source(admin.company_id, "PBX", "Europe/Warsaw")
        key = {"company_id": source.company_id, "source_id": source.id}
        for name, queue in queues.items():
            db.session.add(Identity(**key, kind="queue", raw=name, queue_id=queue.id))
        for name in ("ours", "theirs", "both"):
            person = people[name]
            db.session.add(Identity(**key, kind="agent", raw=person.name, user_id=person.id))
        db.session.commit()
        import_files(source, [path])
        ids = {"ours": ours.id, "theirs": theirs.id, "team": team.id}
        ids |= {f"queue {name}": queue.id for name, queue in queues.items()}
        ids |= {name: person.id for name, person in people.items() if name not in ids}
        whose = {name: (one.company_id, one.id, one.email) for name, one in people.items()}
    return whose, ids
