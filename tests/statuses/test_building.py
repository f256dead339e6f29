"""What one operator's events say they did, from moment to moment."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from portal.calls.sources import asterisk_queue_log
from portal.calls.sources.records import QueueEvent
from portal.statuses.building import Built, Sign, Talk, build, is_after_call

PBX, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
NINE = 1_795_500_000
A = uuid.UUID(int=10)


def sign(minute: float, rest: str, source: uuid.UUID = PBX) -> Sign:
    """Read ``queue|VERB|data`` as what the operator did so many minutes after nine."""
    queue, _, more = rest.partition("|")
    raw = f"{int(NINE + minute * 60)}|NONE|{queue}|Łucja 'X'|{more}"
    event = asterisk_queue_log.parse(raw.encode()).record
    assert isinstance(event, QueueEvent)
    return Sign(source, event)


def talk(start: float, end: float, queue: str = "sales", project: uuid.UUID = A) -> Talk:
    return Talk(NINE + int(start * 60), NINE + int(end * 60), (PBX, "queue", queue), project)


def built(*signs: tuple[float, str], talks: Any = (), known: float | None = None) -> Built:
    last = max([minute for minute, _ in signs], default=0)
    known_until = {PBX: int(NINE + (last if known is None else known) * 60)}
    return build([sign(*one) for one in signs], talks, known_until=known_until)


def told(found: Built) -> list[tuple[Any, ...]]:
    """Return status, reason, minutes from and to, queues, and marks: ^ it begins, … it goes on."""
    return [
        (
            piece.status,
            piece.reason,
            (piece.start - NINE) / 60,
            (piece.end - NINE) / 60,
            ",".join(sorted(queue for *_, queue in piece.queues)),
            "^" * piece.begins + "…" * piece.going_on,
        )
        for piece in found.pieces
    ]


def online(found: Built) -> list[tuple[float, float]]:
    return [((one.start - NINE) / 60, (one.end - NINE) / 60) for one in found.presences]


def test_a_day_from_joining_to_leaving() -> None:
    day = built(
        (0, "sales|ADDMEMBER|"),
        (30, "sales|PAUSE|Lunch"),
        (60, "sales|UNPAUSE|"),
        (70, "sales|PAUSE|ACW"),
        (72, "sales|UNPAUSE|ACW"),
        (90, "sales|REMOVEMEMBER|"),
    )
    assert told(day) == [
        ("ready", "", 0, 30, "sales", "^"),
        ("away", "Lunch", 30, 60, "sales", "^"),
        ("ready", "", 60, 70, "sales", "^"),
        ("after_call", "ACW", 70, 72, "sales", "^"),
        ("ready", "", 72, 90, "sales", "^"),
    ]
    assert online(day) == [(0, 90)]


@pytest.mark.parametrize(
    "words", ["PAUSEALL and each queue", "PAUSEALL alone", "each queue alone", "NONE as the queue"]
)
def test_a_pause_everywhere_is_one(words: str) -> None:
    each = [(20, "sales|PAUSE|Break"), (20, "support|PAUSE|Break")]
    back = [(25, "sales|UNPAUSE|"), (25, "support|UNPAUSE|")]
    events = {
        "PAUSEALL and each queue": [
            (20, "NONE|PAUSEALL|Break"),
            *each,
            (25, "NONE|UNPAUSEALL|"),
            *back,
        ],
        "PAUSEALL alone": [(20, "NONE|PAUSEALL|Break"), (25, "NONE|UNPAUSEALL|")],
        "each queue alone": [*each, *back],
        "NONE as the queue": [(20, "NONE|PAUSE|Break"), (25, "NONE|UNPAUSE|")],
    }[words]
    joined = [(0, "sales|ADDMEMBER|"), (0, "support|ADDMEMBER|")]
    left = [(40, "sales|REMOVEMEMBER|"), (41, "support|REMOVEMEMBER|")]
    assert told(built(*joined, *events, *left)) == [
        ("ready", "", 0, 20, "sales,support", "^"),
        ("away", "Break", 20, 25, "sales,support", "^"),
        ("ready", "", 25, 40, "sales,support", "^"),
        ("ready", "", 40, 41, "support", ""),
    ]


def test_a_pause_in_one_queue_is_not_told_to_the_other() -> None:
    day = built(
        (0, "sales|ADDMEMBER|"),
        (0, "support|ADDMEMBER|"),
        (10, "sales|PAUSE|Their secret"),
        (20, "support|PAUSE|Lunch"),
        (30, "sales|UNPAUSE|"),
        (40, "support|UNPAUSE|"),
        (50, "NONE|AGENTLOGOFF|"),
    )
    assert told(day) == [
        ("ready", "", 0, 10, "sales,support", "^"),
        ("ready", "", 10, 20, "support", ""),
        ("away", "Lunch", 20, 30, "support", "^"),
        ("ready", "", 30, 40, "sales", "^"),
        ("ready", "", 40, 50, "sales,support", ""),
    ]


def test_talk_goes_before_everything_and_counts_nothing_twice() -> None:
    day = built(
        (0, "sales|ADDMEMBER|"),
        (14, "sales|PAUSE|wrap-up"),
        (18, "sales|UNPAUSE|"),
        (30, "sales|REMOVEMEMBER|"),
        talks=[talk(5, 6), talk(10, 15), talk(12, 13), talk(29, 33)],
    )
    assert told(day) == [
        ("ready", "", 0, 5, "sales", "^"),
        ("talk", "", 5, 6, "sales", "^"),
        ("ready", "", 6, 10, "sales", ""),
        ("talk", "", 10, 15, "sales", "^"),
        ("after_call", "wrap-up", 15, 18, "sales", "^"),
        ("ready", "", 18, 29, "sales", "^"),
        ("talk", "", 29, 33, "sales", "^"),
    ]
    assert online(day) == [(0, 33)]


def test_who_only_talks_was_online_then() -> None:
    day = built(talks=[talk(5, 6), talk(6, 8), talk(20, 21)])
    assert online(day) == [(5, 8), (20, 21)]
    assert [piece.project_ids for piece in day.pieces] == [{A}] * 3


@pytest.mark.parametrize("login", ["AGENTLOGIN|SIP/7", "AGENTCALLBACKLOGIN|7@agents"])
def test_who_signs_in_stands_by_for_the_queues_whose_calls_they_take(login: str) -> None:
    logoff = login.split("|")[0].replace("LOGIN", "LOGOFF")
    day = built(
        (0, f"NONE|{login}"), (60, f"NONE|{logoff}|SIP/7|3600"), talks=[talk(10, 12, "support")]
    )
    assert told(day) == [
        ("ready", "", 0, 10, "support", "^"),
        ("talk", "", 10, 12, "support", "^"),
        ("ready", "", 12, 60, "support", ""),
    ]


def test_who_joins_paused_is_away() -> None:
    day = built((0, "sales|ADDMEMBER|PAUSED"), (5, "sales|UNPAUSE|"), (9, "sales|REMOVEMEMBER|"))
    assert [one[:4] for one in told(day)] == [("away", "", 0, 5), ("ready", "", 5, 9)]


def test_static_members_are_in_the_queues_that_they_pause() -> None:
    day = built((10, "sales|PAUSE|Lunch"), (40, "sales|UNPAUSE|"), known=100)
    assert told(day) == [
        ("away", "Lunch", 10, 40, "sales", "^"),
        ("ready", "", 40, 100, "sales", "^…"),
    ]


def test_what_is_open_at_the_end_of_the_log_goes_on() -> None:
    day = built((0, "sales|ADDMEMBER|"), known=45)
    assert told(day) == [("ready", "", 0, 45, "sales", "^…")]
    assert day.presences[0].going_on
    assert told(built((0, "sales|ADDMEMBER|"))) == [("ready", "", 0, 0, "sales", "^…")]


def test_who_never_leaves_was_there_until_the_last_sign_of_them() -> None:
    hours = 60
    day = built((0, "sales|ADDMEMBER|"), talks=[talk(100, 110)], known=15 * hours)
    assert online(day) == [(0, 110)]
    assert not day.presences[0].going_on
    days = built(
        (0, "sales|ADDMEMBER|"),
        (24 * hours, "sales|ADDMEMBER|"),
        (25 * hours, "sales|REMOVEMEMBER|"),
        talks=[talk(100, 110)],
    )
    assert online(days) == [(0, 110), (24 * hours, 25 * hours)]
    night = built(
        (0, "sales|ADDMEMBER|"),
        (480, "sales|PAUSE|Break"),
        (490, "sales|UNPAUSE|"),
        (480 + 600, "sales|ADDMEMBER|"),
        (480 + 660, "sales|REMOVEMEMBER|"),
    )
    assert online(night) == [(0, 490), (1080, 1140)]


def test_a_start_of_the_exchange_ends_what_is_open_and_a_reload_does_not() -> None:
    day = built(
        (0, "sales|ADDMEMBER|"),
        (10, "NONE|CONFIGRELOAD|"),
        (20, "NONE|QUEUESTART|"),
        (30, "sales|REMOVEMEMBER|"),
    )
    assert told(day) == [("ready", "", 0, 20, "sales", "^")]
    elsewhere = [sign(0, "sales|ADDMEMBER|"), sign(5, "help|ADDMEMBER|", OTHER)]
    elsewhere += [sign(20, "NONE|QUEUESTART|"), sign(30, "help|REMOVEMEMBER|", OTHER)]
    found = build(elsewhere, [], known_until={})
    assert online(found) == [(0, 30)]


def test_stray_events_say_nothing() -> None:
    day = built((0, "sales|REMOVEMEMBER|"), (5, "NONE|AGENTLOGOFF|x"), (9, "NONE|QUEUESTART|"))
    assert (day.pieces, day.presences) == ([], [])


def test_a_clock_that_is_put_right_does_not_turn_events_round() -> None:
    day = built(
        (10, "sales|ADDMEMBER|"),
        (20, "sales|PAUSE|Break"),
        (19.95, "sales|UNPAUSE|"),
        (30, "sales|REMOVEMEMBER|"),
    )
    assert told(day) == [("ready", "", 10, 30, "sales", "^")]


@pytest.mark.parametrize("reason", ["ACW", "Wrap-up", "wrap up", "AFTER CALL", "Po rozmowie"])
def test_reasons_of_after_call_work(reason: str) -> None:
    assert is_after_call(reason)


@pytest.mark.parametrize("reason", ["", "Lunch", "acwx", "<b>ACW"])
def test_other_reasons_are_of_being_away(reason: str) -> None:
    assert not is_after_call(reason)
