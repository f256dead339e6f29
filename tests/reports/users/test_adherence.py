"""Who was there when their queues were open: told a second time, minute by minute."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from portal.calls.evidence import CallSource
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.schedule import DAYS, calendar_of
from portal.objects.queues.models import QueueGroup, QueueUser
from portal.reports.facts import adherence
from portal.statuses.models import Presence
from tests import factories as make
from tests.factories import query
from tests.statuses.centre import Centre, call, in_order, line

ADA, BO, CEM = "Ada 'Ł' \"x\"", "Boğaç <img src=x>", "=1+1 Çem İ"
ZONE = ZoneInfo("Europe/Warsaw")
MINUTE = dt.timedelta(minutes=1)
# The clocks of Warsaw go back in the night to Sunday the 25th, and had gone forward in March.
AUTUMN = dt.datetime(2026, 10, 22, 6, tzinfo=dt.UTC)
SPRING = dt.datetime(2026, 3, 26, 7, tzinfo=dt.UTC)
WEEKS = {"autumn": AUTUMN, "spring": SPRING}
HOURS = {
    "sales": {
        "timezone": "Europe/Warsaw",
        **dict.fromkeys(("thursday", "friday", "monday"), "08:00-12:00, 13:00-16:00"),
        "exceptions": "2026-10-26 # Święto 'wolne'\n2026-03-30 10:00-11:00",
    },
    # Over the night in which the clocks change, to within the hour that is not there or twice.
    "support": {
        "timezone": "Europe/Warsaw",
        "friday": "15:30-17:00",
        "saturday": "22:00-02:30",
        "sunday": "02:15-03:15",
    },
    # Of the project that nobody of the others may see, where it is another day.
    "help": {"timezone": "Australia/Lord_Howe", "tuesday": "00:00-24:00"},
}
HEADINGS = {
    "planned": "Planned (s)",
    "actual": "Actual (s)",
    "na": "N/A (s)",
    "late": "Late (s)",
    "early": "Early (s)",
}


def log(first):
    """Write what they did: Ada is late and leaves early, Bo works at night, Cem comes at noon."""
    day, lines = dt.timedelta(days=1), []
    for n in (0, 1, 4):
        at = first + n * day
        lines += [line(0.25 + n / 4, "sales|Ada|ADDMEMBER|", at)]
        lines += [call(2, 30, "help", "Ada", at), line(7.5, "sales|Ada|REMOVEMEMBER|", at)]
    night = first + 2 * day
    lines += [
        line(13, "support|Bo|ADDMEMBER|", night),
        line(19.5, "support|Bo|REMOVEMEMBER|", night),
    ]
    lines += [line(9.6, "support|Bo|ADDMEMBER|", first + day)]
    lines += [line(9.75, "support|Bo|REMOVEMEMBER|", first + day)]
    lines += [line(4.5, "sales|Cem|ADDMEMBER|", first), line(5, "sales|Cem|REMOVEMEMBER|", first)]
    lines += [line(6, "sales|Cem|ADDMEMBER|", first), line(12, "sales|Cem|REMOVEMEMBER|", first)]
    return in_order(lines)


@pytest.fixture(params=WEEKS)
def read(request, app, visitor, tmp_path):
    """Return a function: what the report's file says to somebody of a week; the total is last."""
    first = WEEKS[request.param]
    with make.building(app):
        centre = Centre(tmp_path)
        third = make.user(CEM)
        make.join(centre.acme, third)
        centre.know(Ada=centre.ada, Bo=centre.bogac, Cem=third)
        centre.read(log(first))
        for name, hours in HOURS.items():
            schedule = make.make_object(
                "schedules", f"Godziny {name}", centre.projects[name], **hours
            )
            centre.queues[name].schedule_id = schedule.id
        team = make.group("Zespół <b>", centre.bogac, third)
        make.join(centre.globex, team)
        own = {"company_id": centre.admin.company_id}
        for queue, who in (("sales", centre.ada), ("sales", third), ("help", centre.ada)):
            place = {"project_id": centre.projects[queue].id, "queue_id": centre.queues[queue].id}
            db.session.add(QueueUser(**own, **place, user_id=who.id))
        place = {"project_id": centre.globex.id, "queue_id": centre.queues["support"].id}
        db.session.add(QueueGroup(**own, **place, group_id=team.id))
        db.session.commit()
        places = {
            "acme": [centre.acme],
            "globex": [centre.globex],
            "both": [centre.acme, centre.globex],
            "nowhere": [],
        }
        people = {
            name: make.user(f"S {name}", role="supervisor", projects=projects).email
            for name, projects in places.items()
        }
        people["admin"] = centre.admin.email
        ids = {name: str(one[0].id) for name, one in places.items() if one}
        ids |= {"ada": str(centre.ada.id), "bogac": str(centre.bogac.id), "team": str(team.id)}
        ids |= {f"queue {name}": str(queue.id) for name, queue in centre.queues.items()}
    day = first.astimezone(ZONE).date()
    period = {"period": "custom", "from": day, "to": day + dt.timedelta(days=6)}
    signed_in = {}

    def answer(name, path="/export.json", status=200, report="schedule-adherence", **arguments):
        if name not in signed_in:
            signed_in[name] = visitor(people[name])
        url = f"/reports/{report}{path}?{query(**{**period, **arguments})}"
        return signed_in[name].get(url, status=status)

    def told(name, **arguments):
        return json.loads(answer(name, **arguments).text)

    told.answer, told.ids, told.app, told.admin, told.first = answer, ids, app, centre.admin, day
    told.queues, told.centre, told.third = centre.queues, centre, third
    return told


def expected(read, *queues):
    """Ask the schedules of these queues of each minute, and the presences."""
    centre, found = read.centre, {}
    staff = {
        "sales": {centre.ada: ADA, read.third: CEM},
        "support": {centre.bogac: BO, read.third: CEM},
        "help": {centre.ada: ADA},
    }
    calendars = {}
    for name in queues:
        written = {day: HOURS[name].get(day, "") for day in (*DAYS, "exceptions")}
        calendars[name] = calendar_of(written), ZoneInfo(HOURS[name]["timezone"])
    presences = defaultdict(list)
    with make.building(read.app, of=read.admin):
        for one in db.session.scalars(select(Presence)):
            presences[one.operator_id].append((one.starts_at, one.ends_at))
    people = {person: name for queue in queues for person, name in staff[queue].items()}
    start = dt.datetime.combine(read.first, dt.time(), ZONE).astimezone(dt.UTC)
    logged = max(end for spans in presences.values() for _, end in spans).astimezone(ZONE).date()
    for person, name in people.items():
        mine = [calendars[queue] for queue in queues if person in staff[queue]]
        days = defaultdict(lambda: ([], []))
        for number in range(7 * 24 * 60):
            at = start + number * MINUTE
            day = at.astimezone(ZONE).date()
            if read.first <= day <= min(logged, read.first + dt.timedelta(days=6)):
                if any(calendar.is_open(at.astimezone(zone)) for calendar, zone in mine):
                    days[day][0].append(at)
                if any(begins <= at < ends for begins, ends in presences[person.id]):
                    days[day][1].append(at)
        for day, (planned, there) in days.items():
            if planned:
                found[name, day] = _figures(planned, there)
    return found


def _figures(planned, there):
    begins, ends = planned[0], planned[-1] + MINUTE
    late = min(there[0], ends) - begins if there else dt.timedelta()
    early = ends - max(there[-1] + MINUTE, begins) if there else dt.timedelta()
    return {
        "Planned (s)": len(planned) * 60,
        "Actual (s)": len(there) * 60,
        "Late (s)": max(0, int(late.total_seconds())),
        "Early (s)": max(0, int(early.total_seconds())),
        "Adherence": round(len(set(planned) & set(there)) / len(planned), 4),
    }


SEEN = {
    "admin": ("sales", "support", "help"),
    "both": ("sales", "support"),
    "acme": ("sales",),
    "globex": ("support",),
    "nowhere": (),
}


@pytest.mark.parametrize("name", SEEN)
def test_each_day_is_that_of_schedules_and_presences(read, name):
    rows = read(name)
    found = expected(read, *SEEN[name])
    shown = {day: f"{day.day} {day:%b %Y}" for _, day in found}
    assert {
        (row["Operator"], row["Day"]): {key: row[key] for key in row if key in _KEYS}
        for row in rows[:-1]
    } == {(operator, shown[day]): figures for (operator, day), figures in found.items()}
    for key in _KEYS[:-1]:
        assert sum(one[key] for one in found.values()) == rows[-1][key]


_KEYS = ("Planned (s)", "Actual (s)", "Late (s)", "Early (s)", "Adherence")


ADAS = {"Planned (s)": 50_400, "Actual (s)": 51_300, "N/A (s)": 3600, "Late (s)": 2700}
CEMS = {"Planned (s)": 50_400, "Actual (s)": 23_400, "N/A (s)": 0, "Late (s)": 16_200}


@pytest.mark.parametrize("read", ["autumn"], indirect=True)
def test_whole_tables(read):
    """What Ada did for the project that is not seen is N/A; who never came is not late."""
    cem = {"Operator": CEM, **CEMS, "Early (s)": 0, "Adherence": 0.1429}
    ada = {"Operator": ADA, **ADAS, "Early (s)": 3600, "Adherence": 0.875}
    assert read("acme", by="operator")[:-1] == [cem, ada]
    page = read.answer("acme", path="", by="operator")
    assert page.rows("table.figures") == [
        [CEM, "14:00:00", "6:30:00", "0:00", "4:30:00", "0:00", "14.3%"],
        [ADA, "14:00:00", "14:15:00", "1:00:00", "45:00", "1:00:00", "87.5%"],
    ]
    days = [(row["Day"], row["Planned (s)"]) for row in read("globex", by="day")]
    night = 2 * (4 * 3600 + 900)  # of both, with the hour that is there twice
    assert days == [
        ("23 Oct 2026", 10_800),
        ("24 Oct 2026", 14_400),
        ("25 Oct 2026", night),
        ("Total", 25_200 + night),
    ]
    groups = [(row["Group"], row["Planned (s)"]) for row in read("both", by="group")]
    assert groups == [("Zespół <b>", 104_400), ("No group", 50_400), ("Total", 154_800)]


@pytest.mark.parametrize("read", ["spring"], indirect=True)
def test_an_hour_that_is_not_there_is_not_planned(read):
    rows = read("globex", operator=read.ids["bogac"])
    assert [(row["Day"], row["Planned (s)"], row["Adherence"]) for row in rows] == [
        ("27 Mar 2026", 5400, 0.0),
        ("28 Mar 2026", 7200, 1.0),
        ("29 Mar 2026", 2 * 3600 + 900, 1.0),
        ("", 20_700, 0.7391),
    ]


@pytest.mark.parametrize("read", ["autumn"], indirect=True)
def test_filters(read):
    whole = read("both")
    by_queue = [read("both", queue=read.ids[f"queue {name}"]) for name in ("sales", "support")]
    by_project = [read("both", project=read.ids[name]) for name in ("acme", "globex")]
    assert by_queue == by_project == [read("acme"), read("globex")]
    ours = [row for row in whole[:-1] if row["Operator"] == ADA]
    assert read("both", operator=read.ids["ada"])[:-1] == ours
    theirs = [row for row in whole[:-1] if row["Operator"] != ADA]
    assert read("both", group=read.ids["team"])[:-1] == theirs
    answers = [
        read.answer("acme", queue=one, status=404).body
        for one in (read.ids["queue support"], make.never_existed())
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("read", ["autumn"], indirect=True)
def test_behind_each_figure_are_its_days(read):
    """In the order of time, the newest first, with when they were to be there and were."""
    rows = read("acme", by="operator", measure="late", key=read.ids["ada"])
    assert rows == [
        _listed("2026-10-23", late=1800, actual=25_200, came="08:30:00", share=0.8571),
        _listed("2026-10-22", late=900, actual=26_100, came="08:15:00", share=0.8929),
    ]
    page = read.answer("acme", path="/rows", measure="late")
    listed = [(row[0], row[-3]) for row in page.rows("table.listed")]
    assert listed[0] == ("23 Oct 2026", "30:00")
    assert sorted(listed[1:]) == [("22 Oct 2026", "15:00"), ("22 Oct 2026", "4:30:00")]
    for measure, heading in HEADINGS.items():
        for name in ("both", "globex"):
            found = read(name, measure=measure)
            assert sum(row[heading] for row in found) == read(name)[-1][heading]
            assert all(row[heading] for row in found)


def _listed(day, *, late, actual, came, share):
    return {
        "Day": day,
        "Operator": ADA,
        "Planned from": f"{day} 08:00:00",
        "Planned to": f"{day} 16:00:00",
        "Online since": f"{day} {came}",
        "Online until": f"{day} 15:30:00",
        "Planned (s)": 25_200,
        "Actual (s)": actual,
        "N/A (s)": 1800,
        "Late (s)": late,
        "Early (s)": 1800,
        "Adherence": share,
    }


@pytest.mark.parametrize("read", ["autumn"], indirect=True)
def test_the_day_that_goes_on(read, monkeypatch):
    """At two o'clock only what is over was planned, and nobody has left too early yet."""
    now = dt.datetime(2026, 10, 22, 12, tzinfo=dt.UTC)
    monkeypatch.setattr(adherence, "utcnow", lambda: now)
    ada = read("acme", operator=read.ids["ada"])[0]
    assert (ada["Planned (s)"], ada["Early (s)"]) == (5 * 3600, 0)
    assert ada["Adherence"] == round(4.75 / 5, 4)


@pytest.mark.parametrize("read", ["autumn"], indirect=True)
def test_nobody_is_missed_behind_the_end_of_the_log(read):
    """It ends at half past nine, while Ada is online since seven."""
    day = AUTUMN + dt.timedelta(days=7)
    with make.building(read.app, of=read.admin):
        talk = call(2, 30, "sales", "Ada", day)
        log = in_order([line(0, "sales|Ada|ADDMEMBER|", day), talk])
        read.centre.read(log, of=db.session.scalars(select(CallSource)).one())
    period = {"from": "2026-10-29", "to": "2026-10-29"}
    figures = {"Planned (s)": 5400, "N/A (s)": 0, "Late (s)": 0, "Early (s)": 0}
    cem = {"Operator": CEM, "Day": "29 Oct 2026", "Actual (s)": 0, "Adherence": 0.0}
    ada = {"Operator": ADA, "Day": "29 Oct 2026", "Actual (s)": 9000, "Adherence": 1.0}
    assert read("acme", **period)[:-1] == [figures | cem, figures | ada]


@pytest.mark.parametrize("read", ["autumn"], indirect=True)
def test_who_is_locked_is_planned_no_more(read):
    with make.building(read.app, of=read.admin):
        locked = dt.datetime(2026, 10, 22, 20, tzinfo=dt.UTC)
        db.session.get(User, (read.admin.company_id, read.third.id)).locked_at = locked
        db.session.commit()
    rows = read("both")
    assert [row["Day"] for row in rows if row["Operator"] == CEM] == ["22 Oct 2026"]


@pytest.mark.parametrize("read", ["autumn"], indirect=True)
def test_where_nobody_is_planned_the_page_says_what_to_set_up(read):
    page = read.answer("nowhere", path="")
    assert "give queues a schedule and operators in their settings" in page.text


def test_hours_of_occupancy_are_its_days(read):
    """Also where an hour is not there, or twice."""
    days = {row["Day"]: row["Online (s)"] for row in read("admin", report="occupancy", by="day")}
    rows = read("admin", report="occupancy", by="hour")[:-1]
    found, hours = Counter(), Counter()
    for row in rows:
        day = row["Hour"].partition(",")[0]
        found[day] += row["Online (s)"]
        hours[day] += 1
    assert found == {day: seconds for day, seconds in days.items() if day in found}
    change = read.first + dt.timedelta(days=3)
    assert hours[f"{change.day} {change:%b %Y}"] == (25 if change.month == 10 else 23)
    assert sum(hours.values()) == 24 * 7 + (1 if change.month == 10 else -1)
