"""Roll-ups: always what the visits add up to, whatever came, went, changed, or moved."""

from __future__ import annotations

import datetime as dt
import random
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, update

from portal.calls.costs import CostDay, Costs
from portal.calls.evidence import CallSource, Identity
from portal.calls.figures import FIGURES, ROLL_UPS, OperatorDay, ProjectDay, VisitDay
from portal.calls.importing import import_files
from portal.calls.models import DIRECTIONS, RESULTS, VISIT_KINDS, Call, Visit
from portal.calls.operations import create_source, map_identity
from portal.calls.recounting import recount, recount_costs, repriced, stale
from portal.calls.restamping import move_history
from portal.calls.totals import Totals, hold
from portal.company.models import Company
from portal.company.operations import edit_settings
from portal.database import new_id
from portal.extensions import db
from portal.jobs import worker
from portal.jobs.models import Job
from portal.objects.kinds.sip_provider import KIND, SipProvider
from portal.wall.scope import current, unscoped
from tests.calls.logs import LOG, MASTER, OLD_LOG
from tests.calls.sums import assert_totals_are_of_the_visits, figures
from tests.calls.test_importing import imported
from tests.factories import building, company, make_object, project, user

# Days with 23 and with 25 hours, a zone where days begin within an hour, and a day without its
# midnight.
ZONES = {
    "Europe/Warsaw": ["2026-03-29", "2026-10-25"],
    "America/Los_Angeles": ["2026-03-08", "2026-11-01"],
    "Asia/Kolkata": ["2026-10-25"],
    "Africa/Cairo": ["2026-04-24", "2026-10-29"],
}
# By what a visit is priced; days of UTC on which a price begins lie within those of the zones.
PRICES = {
    "Dear <b>": "+4 0.7\n+4 0.000007 per second from 2026-04-24\n+48 0.33 from 2026-10-25",
    "Ucuz İ": "+48 0.123457 per second setup 0.5\n+49 2 from 2026-10-26",
}
DIGITS = ("48123", "0048123", "004", "49", "4", "1", "", "480" * 13)
Row = dict[str, Any]


class Centre:
    """Where visits can belong, and those that there are."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.admin = chance, company()
        first, second = project("Łódź"), project("İstanbul <b>")
        self.projects = [None, first.id, second.id]
        self.queues = [None, make_object("queues", "Q", first).id]
        self.dialers = [None, make_object("dialers", "D", second).id]
        self.operators = [None, user("Ala").id, user("Cem").id]
        dear, cheap = (
            make_object("sip-providers", name, first, prices=prices)
            for name, prices in PRICES.items()
        )
        for one in (dear, cheap):
            KIND.settings.keep_parts(one)
        self.providers = [None, new_id(), dear.id, cheap.id]
        source = create_source(self.admin.company_id, "PBX", "UTC")
        texts = {"native_key": "x", "number": "1", "caller_name": "", "direction": "in"}
        of = {"company_id": self.admin.company_id, "source_id": source.id, "visits": 1}
        self.call = Call(started_at=source.created_at, result="lost", **texts, **of)
        db.session.add(self.call)
        db.session.flush()
        self.rows: dict[uuid.UUID, Row] = {}

    def cut_days(self, zone: str) -> None:
        own = db.session.get(Company, self.admin.company_id)
        own.timezone = own.figures_timezone = zone
        own.costs_version = own.prices_version  # there are no calls yet
        db.session.flush()

    def row(self, days: list[str], row_id: uuid.UUID | None = None) -> Row:
        """Make up a visit on one of these days, or close to them."""
        chance = self.chance
        day = dt.datetime.fromisoformat(chance.choice(days)).replace(tzinfo=dt.UTC)
        pair = chance.choice([(True, False), (True, True), (False, True), (False, False)])
        return {
            **self.fixed(),
            "id": row_id or new_id(),
            "started_at": day + dt.timedelta(minutes=chance.randrange(-900, 2700)),
            "kind": chance.choice(VISIT_KINDS[:2]),
            "direction": chance.choice(DIRECTIONS[:2]),
            "result": chance.choice(RESULTS[:3]),
            "wait_s": chance.choice([None, 0, 4, 5, 9, 10, 11, 20, 29, 30, 60, 61, 120, 121]),
            "talk_s": chance.choice([None, 0, 7, 60, 61]),
            "digits": chance.choice(DIGITS),
            "provider_id": chance.choice(self.providers),
            "project_id": chance.choice(self.projects),
            "queue_id": chance.choice(self.queues),
            "dialer_id": chance.choice(self.dialers),
            "operator_id": chance.choice(self.operators),
            "first_in_project": pair[0],
            "crosses_projects": pair[1],
            "only_visit": chance.random() < 0.5,
        }

    def fixed(self) -> Row:
        texts = ("number", "digits", "digits_reversed", "caller_name")
        ids = {name: getattr(self.call, name) for name in ("company_id", "source_id")}
        return {**dict.fromkeys(texts, ""), **ids, "call_id": self.call.id, "ordinal": 1}

    def change(self, come: list[Row], go: list[uuid.UUID], zone: Any = None) -> None:
        """Put visits in and take some out; those that are there already become others."""
        known = [row["id"] for row in come if row["id"] in self.rows]
        with unscoped("a test writes visits of every project"):
            totals = Totals(current().company_id, zone)
            totals.take(self.rows[row_id] for row_id in [*go, *known])
            totals.add(come)
            gone = delete(Visit).where(Visit.id.in_([*go, *known]))
            db.session.execute(gone.execution_options(synchronize_session=False))
            if come:
                db.session.execute(insert(Visit), come)
            totals.write()
        self.rows |= {row["id"]: row for row in come}
        self.rows = {row_id: row for row_id, row in self.rows.items() if row_id not in go}


@pytest.fixture
def centre(app: Flask) -> Iterator[Centre]:
    with building(app):
        yield Centre(random.Random(20261123))


def test_a_table_has_the_columns_of_all_figures_and_of_nothing_else() -> None:
    for table in ROLL_UPS:
        keys = {"company_id", "id", "starts_at", *table.dimensions}
        assert set(table.__table__.c.keys()) == keys | set(FIGURES)


@pytest.mark.parametrize("zone", ZONES)
def test_roll_ups_are_of_the_visits_whatever_comes_goes_and_changes(
    centre: Centre, zone: str
) -> None:
    days = ZONES[zone]
    centre.cut_days(zone)
    for round_ in range(8):
        there = list(centre.rows)
        centre.chance.shuffle(there)
        go, other = there[: round_ * 6], there[round_ * 6 :][:10]
        come = [centre.row(days) for _ in range(50 - 6 * round_)]
        centre.change(come + [centre.row(days, row_id) for row_id in other], go)
        assert_totals_are_of_the_visits()
    centre.change([], list(centre.rows))
    for table in (*ROLL_UPS, CostDay):
        assert db.session.scalars(select(table)).all() == []


def test_the_longest_wait_is_found_again_only_where_it_went(centre: Centre) -> None:
    centre.cut_days("Europe/Warsaw")
    made = [centre.row(["2026-10-25"]) for _ in range(4)]
    for row, wait in zip(made, (5, 40, 40, 90), strict=True):
        same = {"kind": "queue", "project_id": None, "operator_id": None, "queue_id": None}
        row |= same | {"wait_s": wait, "started_at": made[0]["started_at"]}
    centre.change(made, [])

    def longest() -> list[int]:
        return list(db.session.scalars(select(ProjectDay.longest_wait_s)))

    assert longest() == [90]
    centre.change([], [made[3]["id"]])
    assert longest() == [40]
    centre.change([], [made[2]["id"]])
    assert longest() == [40]
    centre.change([made[1] | {"wait_s": None}], [])
    assert longest() == [5]
    assert_totals_are_of_the_visits()


def test_each_figure_is_the_same_in_sql_and_counted_one_by_one(centre: Centre) -> None:
    centre.change([centre.row(["2026-10-25"]) for _ in range(200)], [])
    visits = [figures(visit) for visit in db.session.scalars(select(Visit))]
    for name, figure in FIGURES.items():
        counted = [visit[name] for visit in visits]
        expected = max(counted) if figure.most else sum(counted)
        assert db.session.scalar(select(figure.total(Visit)).select_from(Visit)) == expected > 0
        rolled = figure.over(getattr(VisitDay, name))
        assert db.session.scalar(select(rolled).select_from(VisitDay)) == expected
        where = figure.where(Visit)
        if figure.of is None and where is not None:
            assert len(db.session.scalars(select(Visit.id).where(where)).all()) == expected


def test_imports_meanings_and_moves_keep_the_roll_ups(app: Flask) -> None:
    """Also that of an operator, who changes nothing else."""
    with building(app):
        admin = company()
        here, there = project("Here"), project("There")
        sales, carla = make_object("queues", "Sales", here), user("Carla")
        db.session.commit()
        pbx = imported([OLD_LOG, LOG])

        def say(kind: str, raw: str, **meaning: Any) -> None:
            word = db.session.scalars(select(Identity).filter_by(kind=kind, raw=raw)).one()
            map_identity(word, actor=admin, **meaning)
            db.session.commit()
            assert_totals_are_of_the_visits()

        assert_totals_are_of_the_visits()
        say("agent", "Carla Támez", user=carla)
        served = select(OperatorDay.served).where(OperatorDay.operator_id == carla.id)
        assert sum(db.session.scalars(served)) > 0
        say("queue", "sales", queue=sales)
        import_files(pbx, [MASTER])
        assert_totals_are_of_the_visits()
        assert move_history(sales, there) > 0
        db.session.commit()
        assert_totals_are_of_the_visits()
        say("agent", "Carla Támez")
        assert db.session.scalars(served).all() == []


def test_prices_that_change_while_costs_are_counted_leave_it_to_be_done_again(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = ZONES["Europe/Warsaw"]
    centre.cut_days("Europe/Warsaw")
    centre.change([centre.row(days) for _ in range(150)], [])
    own = db.session.get(Company, centre.admin.company_id)
    provider = db.session.get(SipProvider, (own.id, centre.providers[2]))

    def reprice(prices: str) -> None:
        provider.prices = prices
        KIND.settings.keep_parts(provider)
        db.session.commit()

    reprice("+4 0.5")
    write = Costs.write

    def once(costs: Costs) -> None:
        monkeypatch.undo()
        write(costs)
        reprice("+4 0.6 per second")

    monkeypatch.setattr(Costs, "write", once)
    assert repriced() == [own.id]
    recount_costs(own.id)
    assert repriced() == [own.id]
    recount_costs(own.id)
    assert repriced() == []
    assert_totals_are_of_the_visits()
    KIND.settings.keep_parts(provider)  # saved again, with the same prices
    assert repriced() == []


# --- counting anew


def founded(app: Flask, *paths: Path, **values: Any) -> Any:
    """Found a company with the calls of some files; return its Admin."""
    with building(app):
        admin = company(**values)
        imported(paths)
        db.session.refresh(admin)
    return admin


def zones(app: Flask, admin: Any) -> tuple[str, str | None]:
    with building(app, of=admin):
        found = db.session.get(Company, admin.company_id)
        return found.timezone, found.figures_timezone


def test_another_time_zone_is_counted_for_by_a_worker(app: Flask, visitor: Any) -> None:
    admin = founded(app, OLD_LOG, LOG, MASTER, email="admin@example.org")
    page = visitor("admin@example.org").get("/settings")
    assert page.texts(".note") == []
    page = page.submit("Save changes Ctrl ↵", {"Time zone": "Asia/Kolkata"})
    assert len(page.texts(".note")) == 1
    assert zones(app, admin) == ("Asia/Kolkata", "Europe/Warsaw")
    with building(app, of=admin):
        assert_totals_are_of_the_visits()  # of the days in Warsaw still
    assert worker.run_waiting(app) == 1
    assert zones(app, admin) == ("Asia/Kolkata", "Asia/Kolkata")
    with building(app, of=admin):
        assert_totals_are_of_the_visits()
        (job,) = db.session.scalars(select(Job))
        assert (job.state, job.title) == ("done", "For days of Asia/Kolkata")
        assert job.result == {"visits": len(db.session.scalars(select(Visit)).all())}
        assert recount(admin.company_id) == 0
    assert "figures_timezone" not in visitor("admin@example.org").get("/activity").body
    assert visitor("admin@example.org").get("/settings").texts(".note") == []


def test_an_imported_call_is_counted_in_the_days_that_are_kept(app: Flask) -> None:
    """The company has another zone by now; no worker has counted for it yet."""
    with building(app):
        admin = company()
        own = db.session.get(Company, admin.company_id)
        values = {"name": own.name, "language": "en", "timezone": "America/Los_Angeles"}
        edit_settings(values, version=own.version, actor=admin)
        db.session.commit()
        imported([LOG], "another")
        assert own.figures_timezone == "Europe/Warsaw"
        assert_totals_are_of_the_visits()


def test_a_worker_begins_by_filling_what_an_upgrade_left_empty(app: Flask) -> None:
    admin = founded(app, LOG)
    with building(app, of=admin):
        empty(admin)
        assert stale() == [admin.company_id]
    with building(app):
        other = company("Of nobody's calls")
    assert worker.begin(app, threading.Event())
    with building(app, of=admin):
        assert stale() == []
        assert_totals_are_of_the_visits()
    assert zones(app, admin) == zones(app, other) == ("Europe/Warsaw",) * 2


def empty(admin: Any) -> None:
    with unscoped("a test empties the roll-ups"):
        db.session.get(Company, admin.company_id).figures_timezone = None
        for table in (*ROLL_UPS[2:], CostDay):
            db.session.execute(delete(table))
        db.session.commit()


def test_a_worker_that_is_stopped_meanwhile_leaves_it_to_the_next(app: Flask) -> None:
    admin = founded(app, LOG)
    with building(app, of=admin):
        empty(admin)
    stopping = threading.Event()
    stopping.set()
    assert not worker.begin(app, stopping)
    assert zones(app, admin) == ("Europe/Warsaw", None)


def test_the_command_counts_anew_what_is_wrong(app: Flask) -> None:
    admin = founded(app, LOG, name='Łódź "<b>"')
    with building(app, of=admin):
        count = len(db.session.scalars(select(Visit)).all())
        wrong = update(ProjectDay).values(served=999)
        db.session.execute(wrong.execution_options(synchronize_session=False))
    run = app.test_cli_runner().invoke
    said = run(args=["portal", "rebuild-figures", "--company", 'Łódź "<b>"'])
    assert (said.exit_code, said.output) == (
        0,
        f'Łódź "<b>": {count} entries of the call log counted\n',
    )
    assert run(args=["portal", "rebuild-figures", "--company", "Nobody"]).exit_code == 1
    with building(app, of=admin):
        assert_totals_are_of_the_visits()
    assert run(args=["portal", "rebuild-figures"]).exit_code == 0


def test_imports_wait_until_all_is_counted(app: Flask) -> None:
    """What they bring is counted in the new days, and once."""
    admin = founded(app, OLD_LOG)
    with building(app, of=admin):
        pbx = db.session.scalars(select(CallSource)).one()
        own = db.session.get(Company, admin.company_id)
        own.timezone = "Asia/Kolkata"
    done = threading.Event()

    def bring() -> None:
        with building(app, of=admin):
            import_files(pbx, [LOG])
        done.set()

    threads: list[threading.Thread] = []

    def check() -> None:
        if not threads:
            threads.append(threading.Thread(target=bring))
            threads[0].start()
            assert not done.wait(1)

    with building(app, of=admin):
        assert recount(admin.company_id, check=check) > 0
        assert not done.is_set()
    threads[0].join()
    with building(app, of=admin):
        assert_totals_are_of_the_visits()


def test_counting_waits_for_an_import_that_is_at_work(app: Flask) -> None:
    admin = founded(app, OLD_LOG)
    with building(app, of=admin):
        with unscoped("a test holds what an import holds"):
            hold(admin.company_id)
            db.session.execute(update(Visit).values(talk_s=0))  # SQLite: begins to write
        counted = threading.Event()

        def count() -> None:
            with building(app, of=admin):
                recount(admin.company_id, anyway=True)
            counted.set()

        thread = threading.Thread(target=count)
        thread.start()
        assert not counted.wait(0.5)
        db.session.commit()
        thread.join()
    assert counted.is_set()
