"""Reports on 235 real calls against what their callers noted: each figure computed a second time.

The notes know no queue's own wait where several follow one another, and no end of what was up when
the exchange was killed: :mod:`tests.reports.notes` says where. Counts agree exactly, seconds within
the 2 s a call that whole seconds and the start of a talk leave open.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from statistics import mean

import pytest

from portal.calls.evidence import Identity
from portal.calls.importing import import_files
from portal.calls.log.words import RESULTS
from portal.calls.operations import create_source
from portal.extensions import db
from tests.calls.logs import LOG, MASTER, OLD_LOG, PHONES
from tests.factories import building, company, make_object, project, query, user
from tests.reports.notes import calls, parts

PERIOD = {"period": "custom", "from": "2026-11-22", "to": "2026-11-22"}
TOLERANCE_S = 2
PROJECTS = {"ours": "=Acme Żółć", "theirs": "Globex <b>", None: "Unassigned"}
QUEUES = {"sales": "Sales 'desk'", "support": "Destek İ", None: "No queue"}
NAMES = {"101": "Theo Larkin", "102": "Imogen Żak", "103": "Carla Támez", "104": "Dave O'Neil"}


class Exports:
    """The figures of reports as one person downloads them, and the parts that this person sees."""

    def __init__(self, visitor, name):
        self.visitor, self.project, self.parts = visitor, name, parts(name)
        self.queues = [part for part in self.parts if part.kind == "queue"]

    def rows(self, report, **arguments):
        text = self.visitor.get(f"/reports/{report}/export.json?{query(**PERIOD, **arguments)}")
        return json.loads(text.response.get_data(as_text=True))

    def by(self, report, name, **arguments):
        """Return the rows of groups by what they are called, without their total, and this."""
        *rows, total = self.rows(report, by=name, **arguments)
        heading = next(iter(total))
        return {row.pop(heading): row for row in rows}, total


@pytest.fixture
def exported(app, visitor):
    """Import the logs; return what who sees everything downloads, and who sees one project."""
    with building(app):
        admin = company()
        admin.timezone = "UTC"
        email = admin.email
        places = {key: project(name) for key, name in PROJECTS.items() if key}
        user("Agata Żak", role="supervisor", projects=[places["ours"]], timezone="UTC")
        people = {
            phone: user(name, projects=places.values(), email=f"{phone}@example.org")
            for phone, name in NAMES.items()
        }
        queues = {
            "sales": make_object("queues", QUEUES["sales"], places["ours"]),
            "support": make_object("queues", QUEUES["support"], places["theirs"]),
        }
        source = create_source(admin.company_id, "Asterisk 16", "UTC")
        meanings = [("agent", raw, {"user_id": people[phone].id}) for raw, phone in PHONES.items()]
        meanings += [("queue", raw, {"queue_id": queue.id}) for raw, queue in queues.items()]
        for name, place in (("acme", "ours"), ("globex", "theirs")):
            for kind, raw in (("trunk", f"PJSIP/trunk-{name}"), ("account", name)):
                meanings.append((kind, raw, {"project_id": places[place].id}))
        for kind, raw, meaning in meanings:
            db.session.add(
                Identity(
                    company_id=admin.company_id, source_id=source.id, kind=kind, raw=raw, **meaning
                )
            )
        db.session.commit()
        import_files(source, [OLD_LOG, LOG, MASTER])
    return {
        None: Exports(visitor(email), None),
        "ours": Exports(visitor("agata.zak@example.org"), "ours"),
    }


def test_reports_say_what_callers_noted(exported):
    assert len({part.call for part in exported[None].parts}) == 232
    for exports in exported.values():
        for agrees in CHECKS:
            agrees(exports)
    every_call_was_answered_or_missed_or_left_early(exported[None])


def call_log(exports):
    rows = exports.rows("call-log")
    assert Counter(
        (
            _digits(row["Number"]),
            row["Direction"],
            row["Project"] or "Unassigned",
            row["Queue or dialer"] or "No queue",
            row["Operator"] or None,
            row["Result"],
        )
        for row in rows
    ) == Counter(
        (
            _digits(part.number),
            {"in": "Inbound", "out": "Outbound", "internal": "Internal"}[part.direction],
            PROJECTS[part.project],
            QUEUES[part.queue],
            NAMES.get(part.who),
            str(RESULTS[part.result]),
        )
        for part in exports.parts
    )
    talked = Counter()
    for row in rows:
        talked[_digits(row["Number"])] += row["Talk (s)"] or 0
    for call in calls(exports.parts):
        noted = sum(part.talk or 0 for part in call)
        apart = abs(talked[_digits(call[0].number)] - noted)
        assert apart <= TOLERANCE_S * max(1, sum(part.talk is not None for part in call)), call


def call_log_by_hour(exports):
    _, total = exports.by("call-log", "hour_of_day")
    results = Counter(part.result for part in exports.parts)
    assert (total["Calls"], total["Answered"], total["Abandoned"]) == (
        len(exports.parts),
        results["answered"],
        results["abandoned"],
    )
    talks = [part.talk for part in exports.parts if part.talk is not None]
    assert abs(total["Talk (s)"] - sum(talks)) <= len(talks)


def queue_summary(exports):
    rows, total = exports.by("queue-summary", "queue")
    for name, row in _named(rows, total):
        entered = [part for part in exports.queues if name in (part.queue, "all")]
        served = [part for part in entered if part.result == "answered"]
        left = [part for part in entered if part.result == "abandoned"]
        assert [row["Offered"], row["Answered"], row["Abandoned"]] == [
            len(entered),
            len(served),
            len(left),
        ]
        assert row["Abandonment"] == round(len(left) / len(entered), 4)
        # Nobody who was answered had waited for 20 s.
        assert max(part.wait[1] for part in served) < 20
        assert row["Service level"] == round(len(served) / len(entered), 4)
        _lies_in(row["ASA (s)"], [part.wait for part in served])
        of_all = [part for part in exports.parts if name == "all" or part.queue == name]
        talks = [part.talk for part in of_all if part.talk is not None]
        answered = [part for part in of_all if part.result == "answered"]
        assert abs(row["AHT (s)"] - sum(talks) / len(answered)) <= 1
        longest = max(part.wait[0] for part in entered), max(part.wait[1] for part in entered)
        assert longest[0] - TOLERANCE_S <= row["Longest wait (s)"] <= longest[1] + TOLERANCE_S


def service_level(exports):
    rows, total = exports.by("service-level", "queue")
    for name, row in _named(rows, total):
        entered = [part for part in exports.queues if name in (part.queue, "all")]
        served = [part for part in entered if part.result == "answered"]
        # All had been answered within 10 s, as whole seconds count them.
        assert max(int(part.wait[1]) for part in served if part.wait[0]) in (9, 10)
        shares = [row[f"≤ {seconds} s"] for seconds in (10, 20, 30, 60, 120)]
        assert shares == [round(len(served) / len(entered), 4)] * 5
        assert row["Offered"] == len(entered)


# What nobody answered and what is over: neither those who left in the menu nor what was cut off.
NOBODY = {"abandoned", "timed_out", "left_by_key", "queue_empty", "refused", "no_answer", "busy"}


def missed(exports):
    missed = []
    for call in calls(exports.parts):
        *_, last = (part for part in call if part.kind != "consultation")
        if last.direction == "in" and last.result in NOBODY:
            missed.append(last)
    assert len(missed) == len({part.call for part in missed})
    rows = exports.rows("missed")
    assert Counter((_digits(row["Number"]), row["Result"]) for row in rows) == Counter(
        (_digits(part.number), str(RESULTS[part.result])) for part in missed
    )
    assert {row["Called back"] for row in rows} == {None}  # nobody called any of them
    by_queue, total = exports.by("missed", "queue")
    assert {name: row["Missed"] for name, row in by_queue.items()} == Counter(
        QUEUES[part.queue] for part in missed
    )
    assert (total["Missed"], total["Called back"], total["Delay (s)"]) == (len(missed), 0, None)


def every_call_was_answered_or_missed_or_left_early(exports):
    """What the notes say of whole calls: only a viewer of everything sees these."""
    incoming = [call for call in calls(exports.parts) if call[0].direction == "in"]
    answered = [call for call in incoming if any(part.result == "answered" for part in call)]
    left = [call for call in incoming if call[-1].result in ("left_menu", "lost")]
    # Answered, and then passed on to somebody who did not answer: missed after all.
    both = [
        call for call in answered if call[-1].result in NOBODY and call[-1].kind != "consultation"
    ]
    assert {call[0].call for call in both} == {"T0168", "T0169", "T0170", "T0175", "T0176"}
    _, total = exports.by("missed", "queue")
    assert len(incoming) == total["Missed"] + len(answered) + len(left) - len(both)


def waiting_time(exports):
    rows, total = exports.by("waiting-time", "queue")
    for name, row in _named(rows, total):
        known = [p for p in exports.queues if name in (p.queue, "all") and p.result != "lost"]
        bands = [row[f"≤ {seconds} s"] for seconds in (10, 20, 30, 60, 120)] + [row["> 120 s"]]
        assert row["Calls"] == sum(bands) == len(known)
        # Waits of more than 10 s are only possible where a queue gave up at last.
        beyond = [part for part in known if int(part.wait[1]) > 10]
        assert {part.result for part in beyond} <= {"timed_out", "queue_empty"}
        assert len(known) - len(beyond) <= bands[0]
        assert bands[2:] == [0, 0, 0, 0]
        _lies_in(row["Average (s)"], [part.wait for part in known])
        for heading, percent in (("Median (s)", 50), ("90th percentile (s)", 90)):
            low, high = (_rank([part.wait[end] for part in known], percent) for end in (0, 1))
            assert low - TOLERANCE_S <= row[heading] <= high + TOLERANCE_S
        low, high = (max(part.wait[end] for part in known) for end in (0, 1))
        assert low - TOLERANCE_S <= row["Longest (s)"] <= high + TOLERANCE_S


def talk_time(exports):
    for group in ("queue", "operator"):
        _talk_time_by(group, exports)


def _talk_time_by(group, exports):
    rows, total = exports.by("talk-time", group)
    called = {"queue": lambda part: QUEUES[part.queue], "operator": lambda part: NAMES[part.who]}
    # The exchange was killed during T0231: how long this talk took is in no log.
    talks = [part for part in exports.parts if part.talk is not None]
    assert {name: row["Calls"] for name, row in rows.items()} == Counter(map(called[group], talks))
    for name, row in [*rows.items(), ("all", total)]:
        mine = [part.talk for part in talks if name in (called[group](part), "all")]
        assert (row["Calls"], row["≤ 30 s"], row["≤ 60 s"]) == (len(mine), len(mine), 0)
        if name != "all" and group == "operator":
            continue  # of who was asked through a queue, the notes have both parts in one
        assert abs(row["Average (s)"] - mean(mine)) <= 1
        for heading, percent in (("Median (s)", 50), ("90th percentile (s)", 90)):
            assert abs(row[heading] - _rank(mine, percent)) <= TOLERANCE_S
        assert abs(row["Longest (s)"] - max(mine)) <= TOLERANCE_S


def repeated_calls(exports):
    """Nobody called twice: who came through both queues did not either."""
    incoming = [call for call in calls(exports.parts) if call[0].direction == "in"]
    numbers = Counter(call[0].number for call in incoming if call[0].number != "anonymous")
    assert set(numbers.values()) == {1}
    rows, total = exports.by("repeated-calls", "number")
    assert rows == {}
    assert [total[name] for name in ("Calls", "Numbers", "Called again")] == [
        numbers.total(),
        len(numbers),
        0,
    ]
    assert total["Solved at first call"] == 1


def transfers(exports):
    passed_on, taken, talked = Counter(), Counter(), []
    for call in calls(exports.parts):
        for part, behind in zip(call, [*call[1:], None], strict=True):
            if part.passed_on is not None:
                passed_on[NAMES[part.who]] += 1
                talked.append(part.talk)
                taken[NAMES[part.who]] += bool(behind and behind.result == "answered")
    rows, total = exports.by("transfers", "operator")
    assert {name: row["Transfers"] for name, row in rows.items()} == passed_on
    assert {name: row["Answered after it"] for name, row in rows.items()} == taken
    assert total["Transfers"] == passed_on.total() == {None: 22, "ours": 20}[exports.project]
    assert abs(total["Talk before it (s)"] - sum(talked)) <= TOLERANCE_S * len(talked)
    listed = exports.rows("transfers", measure="transfers")
    assert Counter(
        (row["Passed on by"], row["Kind"], row["Passed on to"] or "") for row in listed
    ) == Counter(
        (NAMES[part.who], "Blind" if part.passed_on else "Attended", part.passed_on)
        for part in exports.parts
        if part.passed_on is not None
    )


def numbers_dialled_in(exports):
    incoming = [part for part in exports.parts if part.direction == "in"]
    rows, total = exports.by("numbers-dialled-in", "did")
    for heading, results in (
        ("Calls", set(RESULTS)),
        ("Answered", {"answered"}),
        ("Abandoned", {"abandoned"}),
    ):
        found = Counter(part.did or "Not known" for part in incoming if part.result in results)
        assert +Counter({name: row[heading] for name, row in rows.items()}) == found
        assert total[heading] == found.total()


CHECKS = (
    call_log,
    call_log_by_hour,
    queue_summary,
    service_level,
    missed,
    waiting_time,
    talk_time,
    repeated_calls,
    transfers,
    numbers_dialled_in,
)


def _named(rows, total):
    """Yield the rows of both queues and of all."""
    for key, name in QUEUES.items():
        if key and name in rows:
            yield key, rows[name]
    yield "all", total


def _digits(number):
    return re.sub(r"\D", "", number) or number


def _lies_in(seconds, bounds):
    """Hold an average against the shortest and the longest that it may have been."""
    low, high = (mean(one[end] for one in bounds) for end in (0, 1))
    assert low - 1 <= seconds <= high + 1


def _rank(values, percent):
    return sorted(values)[-(-len(values) * percent // 100) - 1]
