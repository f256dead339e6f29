"""Steps of scenarios, tags, lists, lines and costs, from logs as an exchange writes them."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal.access.identity import assume, identity_by_id
from portal.calls.evidence import Identity
from portal.calls.importing import import_files
from portal.calls.models import ScenarioStep, Visit, VisitTag
from portal.calls.operations import create_source, map_identity
from portal.calls.recounting import recount
from portal.extensions import db
from portal.jobs import worker
from portal.objects import operations as objects
from portal.objects.numbers.models import NumberListEntry
from portal.objects.registry import KINDS
from portal.projects import moves
from portal.reports import asked as asking
from portal.reports import plans, raw_rows, tables
from portal.reports.asked import Behind
from portal.reports.registry import REPORTS
from tests.calls.sums import assert_totals_are_of_the_visits
from tests.factories import building, company, make_object, project, query, user
from tests.reports.test_every_report import figures, ways

ZONE = "Europe/Warsaw"
EVIL = "=1+1 <img src=x onerror=alert(1)> Żółć İ"
START = int(dt.datetime(2026, 10, 24, 8, tzinfo=dt.UTC).timestamp())
PERIOD = {"period": "custom", "from": "2026-10-22", "to": "2026-10-28"}


def menu(call, *steps, at=0, ends="", name="menu-a"):
    """Return the lines of a caller who goes through steps, ten seconds each."""
    lines = [
        f"{START + at + 10 * place}|{START}.{call}|NONE|NONE|SCENARIO|{name}|{step}"
        for place, step in enumerate(steps)
    ]
    if ends:
        end = START + at + 10 * len(steps)
        lines.append(f"{end}|{START}.{call}|NONE|NONE|SCENARIOEND|{name}|{ends}")
    return lines


def queued(call, queue, *tags, at=0, number="+48500000001", answered=True):
    head = f"{START}.{call}|{queue}"
    lines = [f"{START + at}|{head}|NONE|ENTERQUEUE||{number}|1"]
    if not answered:
        return [*lines, f"{START + at + 9}|{head}|NONE|ABANDON|1|1|9"]
    lines.append(f"{START + at + 5}|{head}|Agata Żak|CONNECT|5|x.{call}|3")
    lines += [f"{START + at + 40}|{head}|Agata Żak|TAG|{tag}" for tag in tags]
    return [*lines, f"{START + at + 65}|{head}|Agata Żak|COMPLETECALLER|5|60|1"]


def dialled(call, number, talk, line="northline", cause="ANSWERED"):
    """Return the row of a call to the outside."""
    at = dt.datetime.fromtimestamp(START + 60 * call, dt.UTC)
    times = [f"{at + dt.timedelta(seconds=one):%Y-%m-%d %H:%M:%S}" for one in (0, 10, 10 + talk)]
    channel = f"{START + 60 * call}.{call}"
    strings = ["", "101", number, "out", '"" <101>', f"PJSIP/101-{call:08x}"]
    strings += [f"PJSIP/{line}-{call:08x}", "Dial", f"PJSIP/{number}@{line},40", times[0]]
    answer = f'"{times[1]}"' if cause == "ANSWERED" else ""
    billed = talk if cause == "ANSWERED" else 0
    head = ",".join('"' + one.replace('"', '""') + '"' for one in strings)
    rest = f'"{times[2]}",{10 + talk},{billed},"{cause}","DOCUMENTATION","{channel}","",""'
    return f'{head},{answer},{rest},"{channel}",{call}'


EVENTS = [
    *menu(1, "Welcome", EVIL),
    *queued(1, "ours", "complaint", EVIL, at=20),
    *menu(2, "Welcome", ends="HANGUP"),
    *menu(3, "Welcome", EVIL, "Bye", ends="DONE"),
    *menu(4, "Welcome", name="menu-b"),  # its end is seen nowhere
    *queued(5, "theirs", "complaint", number="0048500000002"),
    *queued(6, "ours", answered=False, number="+48500000003"),
    f"{START}|{START}.7|NONE|NONE|SCENARIO||nameless",
    f"{START}|NONE|NONE|NONE|TAG|of no call",
]
ROWS = [
    dialled(20, "48221110000", 61),
    dialled(21, "0048221110001", 5),
    dialled(22, "48501110000", 61),  # the longer prefix
    dialled(23, "905551110000", 30),  # no price
    dialled(24, "48221110000", 0, cause="BUSY"),
    dialled(25, "48221110000", 0, cause="FAILED"),
    dialled(26, "48221110000", 90, line="theirs"),
]
PRICES = "+48 0.60 from 2026-01-01\n+48 9.00 from 2026-11-01\n+4850 1.2 per second setup 0.25\n+1 3"

SAVE, PRICE = "Save changes Ctrl ↵", "Price per minute by prefix"


@pytest.fixture
def centre(app, visitor, tmp_path):
    log, master = tmp_path / "queue_log", tmp_path / "Master.csv"
    log.write_text("".join(f"{line}\n" for line in sorted(EVENTS, key=lambda one: one[:10])))
    master.write_text("".join(f"{line}\n" for line in ROWS))
    with building(app):
        admin = company()
        ours, theirs = project(f"Ours {EVIL}"), project("Theirs – İzmir")
        people = {"admin": admin}
        for name, places in (("ours", [ours]), ("theirs", [theirs]), ("nowhere", [])):
            people[name] = user(f"Someone {name}", role="supervisor", projects=places)
        given = {
            ("queue", "ours"): {"queue": make_object("queues", "Kolejka", ours)},
            ("queue", "theirs"): {"queue": make_object("queues", "Kuyruk", theirs)},
            ("scenario", "menu-a"): {"scenario": make_object("scenarios", f"Menu {EVIL}", ours)},
            ("scenario", "menu-b"): {"scenario": make_object("scenarios", "Menü", theirs)},
        }
        found = {}
        for name, where, currency, prices in (
            ("Northline", [ours], "PLN", PRICES),
            ("Anadolu", [theirs], "TRY", "+48 2"),
        ):
            settings = {"currency": currency, "prices": prices}
            values = {"name": name, "notes": "", "active": True, **settings}
            found[name] = objects.create(KINDS["sip-providers"], values, where, actor=admin)
        given["trunk", "PJSIP/northline"] = {"provider": found["Northline"]}
        given["trunk", "PJSIP/theirs"] = {"provider": found["Anadolu"]}
        for name, where, number in (
            (f"Blocked {EVIL}", ours, "+48500000001"),
            ("VIP", theirs, "+48500000002"),
        ):
            purpose = "vip" if name == "VIP" else "unwanted"
            made = make_object("lists", name, where, purpose=purpose)
            own = {"company_id": admin.company_id, "list_id": made.id}
            db.session.add(NumberListEntry(**own, number=number, label=EVIL))
            db.session.add(
                NumberListEntry(**own, number="+48500000003", expires_on=dt.date(2026, 10, 23))
            )
        source = create_source(admin.company_id, "PBX", "UTC")
        db.session.commit()
        import_files(source, [log, master])
        for word in db.session.scalars(select(Identity)).all():
            if (word.kind, word.raw) in given:
                map_identity(word, actor=admin, **given[word.kind, word.raw])
        context = select(Identity).where(Identity.kind == "context")
        map_identity(db.session.scalars(context).one(), project=ours, actor=admin)
        recount(admin.company_id, anyway=True)
        db.session.commit()
        found |= {"source": source, "admin": admin, "paths": [log, master]}
        found |= {"scenario": given["scenario", "menu-a"]["scenario"], "theirs": theirs}
        found |= {"source id": source.id, "provider id": found["Northline"].id}
        found["project id"] = ours.id
        found["queue"] = given["queue", "ours"]["queue"]
        whose = {name: (one.company_id, one.id, one.email) for name, one in people.items()}
    found["ids"] = {name: one[:2] for name, one in whose.items()}
    signed_in = {name: visitor(one[2]) for name, one in whose.items()}
    return {**found, **{f"as {name}": person for name, person in signed_in.items()}}


def table(person, report, **asked):
    """Return the rows of a report as they are downloaded, without headings."""
    url = f"/reports/{report}/export.json?{query(**PERIOD, **asked)}"
    return [list(row.values()) for row in json.loads(person.get(url).text)]


MENU, PROJECT = f"Menu {EVIL}", f"Ours {EVIL}"
UNSEEN = "No known provider"
TABLES = {
    "ours": {
        "scenario-paths": [
            [MENU, "Welcome", 3, 2, 1, 0.3333, 10.0],
            [MENU, EVIL, 2, 2, 0, 0.0, 10.0],
            [MENU, "Bye", 1, 1, 0, 0.0, 10.0],
            ["Total", "", 6, 5, 1, 0.1667, 10.0],
        ],
        "results-tags": [
            ["Answered", "No tag", 5, 0.7143, 247, 0],
            ["Answered", EVIL, 1, 0.1429, 60, 1],
            ["Answered", "complaint", 1, 0.1429, 60, 1],
            ["Abandoned", "No tag", 1, 1.0, 0, 0],
            ["Busy", "No tag", 1, 1.0, 0, 0],
            ["Failed", "No tag", 1, 1.0, 0, 0],
            ["Total", "", 9, 1.0, 307, 1],
        ],
        "list-hits": [[f"Blocked {EVIL}", 1, 0, 0, 1], ["Total", 1, 0, 0, 1]],
        "line-quality": [
            ["Northline", 6, 4, 0.6667, 39.25, 1, 0, 1, 0],
            [UNSEEN, 1, 1, 1.0, 90.0, 0, 0, 0, 0],
            ["Total", 7, 5, 0.7143, 49.4, 1, 0, 1, 0],
        ],
        # 2 and 1 begun minutes at 0.60, 61 seconds at 1.20 a minute and a fee, one without a rate.
        "cost": [
            [PROJECT, "PLN", 4, 241, 0.8141, 3.27, 1],
            [PROJECT, UNSEEN, 1, 0, None, None, 1],
            ["Total", "", 5, 241, 0.8141, 3.27, 2],
        ],
        "project-comparison": [
            [PROJECT, 2, 1, 1, 0.5, 0.5, 5.0, 51.17, 3.27, "PLN"],
            ["Total", 2, 1, 1, 0.5, 0.5, 5.0, 51.17, 3.27, "PLN"],
        ],
    },
    "theirs": {
        "scenario-paths": [
            ["Menü", "Welcome", 1, 0, 0, 0.0, None],
            ["Total", "", 1, 0, 0, 0.0, None],
        ],
        "results-tags": [
            ["Answered", "complaint", 1, 1.0, 60, 1],
            ["Total", "", 1, 1.0, 60, 1],
        ],
        "list-hits": [["VIP", 1, 0, 1, 0], ["Total", 1, 0, 1, 0]],
        "line-quality": [["Total", 0, 0, None, None, 0, 0, 0, 0]],
        "cost": [["Total", "", 0, 0, None, None, 0]],
        "project-comparison": [
            ["Theirs – İzmir", 1, 1, 0, 0.0, 1.0, 5.0, 60.0, None, None],
            ["Total", 1, 1, 0, 0.0, 1.0, 5.0, 60.0, None, None],
        ],
    },
    "nowhere": {
        "scenario-paths": [["Total", "", 0, 0, 0, None, None]],
        "results-tags": [["Total", "", 0, None, 0, 0]],
        "list-hits": [["Total", 0, 0, 0, 0]],
        "line-quality": [["Total", 0, 0, None, None, 0, 0, 0, 0]],
        "cost": [["Total", "", 0, 0, None, None, 0]],
        "project-comparison": [["Total", 0, 0, 0, None, None, None, None, None, None]],
    },
}


@pytest.mark.parametrize("who", TABLES)
def test_everybody_sees_the_figures_of_their_projects(centre, who):
    person = centre[f"as {who}"]
    assert {one: table(person, one) for one in TABLES[who]} == TABLES[who]
    for one in TABLES[who]:
        assert person.get(f"/reports/{one}?{query(**PERIOD)}").status == 200


def test_costs_of_two_currencies_are_not_added_up(centre):
    admin = centre["as admin"]
    assert table(admin, "cost") == [
        [PROJECT, "PLN", 4, 241, 0.8141, 3.27, 1],
        [PROJECT, "TRY", 1, 120, 2.0, 4.0, 0],
        ["Total", "", 5, 361, None, None, 1],
    ]
    assert table(admin, "cost", by="provider") == [
        ["Northline", 4, 241, 0.8141, 3.27, 1],
        ["Anadolu", 1, 120, 2.0, 4.0, 0],
        ["Total", 5, 361, None, None, 1],
    ]


def test_projects_cost_what_their_calls_do(centre):
    """Beside other figures the same as in the report of costs; and behind it the same rows."""
    for who, cost in (("ours", 3.27), ("admin", None), ("theirs", None)):
        person = centre[f"as {who}"]
        compared, costs = (
            person.get(f"/reports/{one}/export.csv?{query(**PERIOD, measure='cost')}").data
            for one in ("project-comparison", "cost")
        )
        assert compared == costs
        assert len(costs.splitlines()) == 1 + {"ours": 3, "admin": 4, "theirs": 0}[who]
        of_projects = table(person, "project-comparison", sort="-cost")
        assert of_projects[-1][-2:] == [cost, cost and "PLN"]
        assert {row[0]: row[-2] for row in of_projects if row[-2] is not None} == {
            row[0]: row[-2] for row in table(person, "cost", by="project") if row[-2] is not None
        }


def test_costs_of_projects_lead_to_their_calls_and_are_compared(app, centre):
    ours = centre["as ours"]
    page = ours.get(f"/reports/project-comparison?{query(**PERIOD)}")
    sorted_by_another = f"measure=cost&sort=-abandoned&{query(**PERIOD)}"
    shown = ours.get(f"/reports/project-comparison?{sorted_by_another}")
    assert shown.texts("table.figures thead th") == page.texts("table.figures thead th")
    link = page.one("table.figures tbody a[href*='measure=cost']")
    behind = ours.get(link.attributes["href"])
    assert behind.heading == "Cost: 3.27"
    assert sorted(row[-2] for row in behind.rows()) == ["0.6000", "1.2000", "1.4700"]
    day_after = {"period": "custom", "from": "2026-10-25", "to": "2026-10-25"}
    with app.test_request_context():
        assume(identity_by_id(*centre["ids"]["ours"]))
        report = REPORTS["project-comparison"]
        asked = asking.read(report, MultiDict(day_after), timezone=ZONE)
        found = tables.make(asked, compare=True)
        was = [row.value_before(report.measures[-2]) for row in (*found.rows, found.total)]
    assert was == [3.27, 3.27]


def test_costs_of_several_currencies_are_not_drawn_on_one_scale(centre):
    """Drawn is the currency of most rows, of as many the first; the others are in the table."""
    page = centre["as admin"].get(f"/reports/cost?{query(**PERIOD, by=['provider', 'currency'])}")
    drawn = [row[0] for row in page.rows("#chart-table table")]
    assert page.texts(".fig-head b") == ["Sum, TRY"]
    assert drawn == ["Anadolu · TRY"]
    assert "1 more row is in the table." in page.text
    page = centre["as admin"].get(f"/reports/cost?{query(**PERIOD, by=['provider', 'day'])}")
    assert page.rows("#chart-table table")[2] == ["24 Oct 2026", "4.00"]
    assert "1 more row is in the table." in page.text
    by_day = {
        who: centre[f"as {who}"].get(f"/reports/cost?{query(**PERIOD, by='day')}")
        for who in ("admin", "ours")
    }
    assert by_day["admin"].all("svg.chart") == []  # of one day, in both: no figure
    assert by_day["ours"].one("svg.chart").attributes["class"] == "chart columns"
    assert by_day["ours"].texts(".fig-head b") == ["Sum, PLN"]


def test_a_page_without_prices_says_where_costs_come_from(centre):
    ours, told = centre["as ours"], "Costs are made of call records (Master.csv) and prices"
    url = f"/reports/project-comparison?{query(**PERIOD)}"
    assert told not in ours.get(url).text
    page = centre["as admin"].get(f"/objects/sip-providers/{centre['provider id']}")
    page.submit(SAVE, {PRICE: ""})
    assert told in ours.get(url).text
    assert told not in centre["as admin"].get(url).text  # who sees the prices of another
    assert table(ours, "project-comparison")[-1][-2:] == [None, None]


def test_costs_are_the_same_by_days_and_by_visits(app, centre, monkeypatch):
    """Of every grouping and filter; what the days do not know is asked of the visits."""
    filters = {"provider": str(centre["provider id"]), "project": str(centre["project id"])}
    asked_for = [
        (REPORTS[name], way | dict(chosen))
        for name in ("cost", "project-comparison")
        for way in ways(REPORTS[name])
        for chosen in ((), *([one] for one in filters.items() if name == "cost"))
    ]

    def read(who):
        with app.test_request_context():
            assume(identity_by_id(*centre["ids"][who]))
            return [
                figures(tables.make(asking.read(report, MultiDict(way | PERIOD), timezone=ZONE)))
                for report, way in asked_for
            ]

    found = {who: read(who) for who in ("admin", "ours")}
    assert any(found["ours"][0].values())
    monkeypatch.setattr(plans, "rollup_for", lambda *_arguments: None)
    assert {who: read(who) for who in found} == found


def test_new_prices_count_at_once_and_only_from_their_day(app, centre):
    admin = centre["as admin"]
    page = admin.get(f"/objects/sip-providers/{centre['provider id']}")
    prices = "+48 2 from 2026-10-24\n+48 7 from 2026-10-25\n+90555 0.5 PER second SETUP 1"
    page.submit(SAVE, {PRICE: prices})
    # 61, 5 and 61 seconds by the minute, and half a minute of Turkey with its fee.
    expected = (2 + 1 + 2) * 2 + 0.5 * 30 / 60 + 1
    rows = table(admin, "cost", by="provider")
    assert ["Northline", 4, 300 + 30, round(expected / 5.5, 4), expected, 0] in rows
    assert costs_stand(app, centre) is False
    worker.run_waiting(app)
    assert costs_stand(app, centre) is True
    assert table(admin, "cost", by="provider") == rows


def costs_stand(app, centre):
    """Tell whether costs are read from totals, and these are right."""
    with building(app, of=centre["admin"]):
        assert_totals_are_of_the_visits()
    with app.test_request_context():
        assume(identity_by_id(*centre["ids"]["admin"]))
        asked = asking.read(REPORTS["cost"], MultiDict(PERIOD), timezone=ZONE)
        return plans.rollup_for(asked, asked.by, asked.period) is not None


@pytest.mark.parametrize(
    "wrong",
    ["+48", "+48 x", "+48 1 from 2026-02-30", "+48 1 setup", "+48 1\n+48 2", "+48 1 per hour"],
)
def test_prices_that_cannot_be_read_are_refused(centre, wrong):
    page = centre["as admin"].get(f"/objects/sip-providers/{centre['provider id']}")
    page = page.submit(SAVE, {PRICE: wrong}, status=422)
    assert list(page.errors()) == [PRICE]
    assert table(centre["as admin"], "cost", by="provider")[0][4] == 3.27


def test_each_figure_leads_to_as_many_rows(app, centre):
    for who in ("admin", "ours", "theirs"):
        with app.test_request_context():
            assume(identity_by_id(*centre["ids"][who]))
            for name in TABLES["ours"]:
                mine = asking.read(REPORTS[name], MultiDict(PERIOD), timezone=ZONE)
                found = tables.make(mine)
                for measure in REPORTS[name].measures:
                    if measure.value is None and measure.rows.of is None:
                        for row in (*found.rows, found.total):
                            pages = raw_rows.pages(mine, Behind(measure, row.keys))
                            rows = [one for page in pages for one in page]
                            said = (who, name, measure.name, row.labels)
                            assert (said, len(rows)) == (said, measure.of(row.sums))


def kept():
    """Return all steps and tags as they are stored."""
    return [
        sorted(
            tuple(str(getattr(row, column.key)) for column in model.__mapper__.columns)
            for row in db.session.scalars(select(model))
        )
        for model in (ScenarioStep, VisitTag)
    ]


def test_the_same_lines_again_change_nothing(app, centre):
    with building(app, of=centre["admin"]):
        before = kept()
        assert [len(rows) for rows in before] == [7, 3]
        import_files(db.session.merge(centre["source"]), centre["paths"])
        assert kept() == before


def test_lines_in_pieces_and_backwards_make_the_same(app, centre, tmp_path):
    with building(app, of=centre["admin"]):
        source = create_source(centre["admin"].company_id, "the same in pieces", "UTC")
        db.session.commit()
        log = centre["paths"][0].read_text().splitlines(keepends=True)
        for place in reversed(range(0, len(log), 5)):
            piece = tmp_path / f"queue_log.{place}"
            piece.write_text("".join(log[place : place + 5]))
            import_files(source, [piece])

        def of(one):
            steps = select(
                ScenarioStep.thread, ScenarioStep.ordinal, ScenarioStep.step, ScenarioStep.exit
            ).where(ScenarioStep.source_id == one)
            tags = select(Visit.started_at, VisitTag.tag).join(
                Visit,
                (Visit.company_id == VisitTag.company_id) & (Visit.id == VisitTag.visit_id),
            )
            rows = db.session.execute(tags.where(Visit.source_id == one)).all()
            return sorted(map(tuple, db.session.execute(steps).all())), sorted(map(tuple, rows))

        assert of(source.id) == of(centre["source id"])


def test_what_has_moved_stays_or_moves_along(app, centre):
    """Steps with their scenario, tags with the queue of their visit."""

    def owners():
        steps = db.session.scalars(
            select(ScenarioStep.project_id).where(ScenarioStep.scenario_raw == "menu-a")
        )
        return set(steps), set(db.session.scalars(select(VisitTag.project_id)))

    with building(app, of=centre["admin"]):
        theirs = db.session.merge(centre["theirs"])
        scenario, queue = (db.session.merge(centre[one]) for one in ("scenario", "queue"))
        ours = scenario.project_id
        assert owners() == ({ours}, {ours, theirs.id})
        for item in (scenario, queue):
            moves.move(item, theirs, actor=centre["admin"])
        db.session.commit()
        assert owners() == ({ours}, {ours, theirs.id})
        for item in (scenario, queue):
            moves.take_history(item, theirs)
        db.session.commit()
        assert owners() == ({theirs.id}, {theirs.id})
    rows = table(centre["as ours"], "scenario-paths")
    assert rows == TABLES["nowhere"]["scenario-paths"]


def test_a_name_without_a_meaning_is_of_nobody(app, centre):
    with building(app, of=centre["admin"]):
        for kind, raw in (("scenario", "menu-a"), ("trunk", "PJSIP/northline")):
            word = db.session.scalars(select(Identity).filter_by(kind=kind, raw=raw)).one()
            map_identity(word, actor=centre["admin"])
        db.session.commit()
    assert table(centre["as ours"], "scenario-paths") == TABLES["nowhere"]["scenario-paths"]
    assert table(centre["as admin"], "scenario-paths", by="scenario") == [
        ["Other scenarios", 6, 5, 1, 0.1667, 10.0],
        ["Menü", 1, 0, 0, 0.0, None],
        ["Total", 7, 5, 1, 0.1429, 10.0],
    ]
    assert [row[0] for row in table(centre["as ours"], "line-quality")] == [UNSEEN, "Total"]


def test_names_get_their_meaning_on_their_page(app, centre):
    chosen = {
        "scenario": ("menu-a", f"Menu {EVIL}", "None yet"),
        "trunk": ("PJSIP/northline", "Northline", "Ignore"),
    }
    for place in (2, 1):
        for kind, one in chosen.items():
            page = centre["as admin"].get(f"/calls/sources/{centre['source id']}/names?kind={kind}")
            page.submit(SAVE, {f"Meaning of {one[0]}": one[place]})
        worker.run_waiting(app)
        seen = [table(centre["as ours"], one) for one in ("scenario-paths", "line-quality")]
        if place == 2:
            assert seen[0] == TABLES["nowhere"]["scenario-paths"]
            assert [row[0] for row in seen[1]] == [UNSEEN, "Total"]
    assert seen == [TABLES["ours"][one] for one in ("scenario-paths", "line-quality")]
