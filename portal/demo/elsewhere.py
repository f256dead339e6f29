"""Calls of the demo that come from other telephone systems, each in the format of its own.

An evening team answers on a FreeSWITCH, which sends its documents; a branch has an Asterisk, whose
log is followed; a third exchange exports a table. All of it is read as any customer's would be.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select

from portal.accounts.tokens import fingerprint
from portal.calls.following.sources import Follower
from portal.calls.importing import import_files
from portal.calls.layouts.operations import read_as, save
from portal.calls.layouts.settings import Settings
from portal.calls.operations import create_source
from portal.calls.reading import Upload
from portal.calls.receiving import operations as receiving
from portal.demo.cast import THEMES, Theme
from portal.demo.recordings import know
from portal.demo.traffic import number_of
from portal.extensions import db
from portal.objects.kinds.queue import Queue

_EVENING = 20 * 3600 + 600  # when the day's shifts are over
_BETWEEN = (60, 420)  # seconds from the end of one call to the next
_HEADER = ("Call", "Date", "Time", "Queue", "Agent", "Caller", "Outcome", "Wait", "Talk")


@dataclass(frozen=True)
class Evening:
    """A call that somebody answered, or nobody: ``talk`` is then 0. Epoch seconds."""

    start: int
    queue: str
    agent: Any
    number: str
    wait: int
    talk: int


def load(stage: Any, now: dt.datetime, seed: int) -> None:
    chance = random.Random(seed + 5)  # noqa: S311  # the same demo each time, nothing secret
    _sent(stage, THEMES[5], now, chance)
    if current_app.config["FOLLOW_ROOTS"]:
        _followed(stage, THEMES[0], now, chance)
    _exported(stage, THEMES[6], now, chance)


def _sent(stage: Any, theme: Theme, now: dt.datetime, chance: random.Random) -> None:
    """Let a FreeSWITCH send its documents, with a token of its own."""
    zone = "Europe/Istanbul"
    source = _source(stage, "Ardelya FreeSWITCH", zone, "freeswitch")
    token = fingerprint(receiving.make_token(source, actor=stage.admin))
    queues = {"randevu": theme.queues[0], "danisma": theme.queues[1]}
    _know(stage, source, theme, queues, by_extension=True)
    receiving.keep_all(
        [
            receiving.Sent(token, document)
            for call in _evenings(stage, theme, list(queues), now, zone, 3, chance)
            for document in _documents(call, chance)
        ]
    )
    _look(source)


def _followed(stage: Any, theme: Theme, now: dt.datetime, chance: random.Random) -> None:
    """Let a worker follow the log of an Asterisk in a branch."""
    zone = "Europe/Warsaw"
    log = Path(current_app.config["FOLLOW_ROOTS"][-1], "oddzial-gdansk", "queue_log")
    source = _source(stage, "Oddział Gdańsk", zone, "asterisk")
    source.paths = str(log)
    queues = {"odczyty": theme.queues[0], "faktury": theme.queues[1]}
    _know(stage, source, theme, queues)
    lines = [
        line
        for call in _evenings(stage, theme, list(queues), now, zone, 3, chance)
        for line in _events(call)
    ]
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    _look(source)


def _exported(stage: Any, theme: Theme, now: dt.datetime, chance: random.Random) -> None:
    """Import the table of an exchange that nobody knows, by a layout."""
    zone = "Europe/London"
    source = _source(stage, "Pixie & Oak (hosted exchange)", zone, "other")
    queues = {"shop-orders": theme.queues[0], "shop-returns": theme.queues[1]}
    _know(stage, source, theme, queues)
    settings = Settings(
        zone,
        delimiter=";",
        header=_HEADER,
        width=len(_HEADER),
        date_order="dmy",
        talk_unit="m:ss",
        columns=dict(
            zip(
                ("id", "date", "start", "queue", "agent", "number", "outcome", "wait", "talk"),
                range(len(_HEADER)),
                strict=True,
            )
        ),
        outcomes={"answered": "answered", "missed": "abandoned"},
    )
    layout = save(source, "Daily export", settings, changing=None, version=1, actor=stage.admin)
    db.session.commit()
    calls = _evenings(stage, theme, list(queues), now, zone, 6, chance)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "calls.csv")
        path.write_text("".join(_rows(calls, ZoneInfo(zone))), "utf-8")
        import_files(source, [read_as(Upload(path, path.name), layout)], actor=stage.admin)


def _source(stage: Any, name: str, zone: str, system: str) -> Any:
    source = create_source(stage.company_id, name, zone)
    source.system = system
    return source


def _know(
    stage: Any, source: Any, theme: Theme, queues: dict[str, str], *, by_extension: bool = False
) -> None:
    """Say what the queues and agents of a source are called there."""
    for raw, name in queues.items():
        queue = db.session.scalars(select(Queue).where(Queue.name == name)).one()
        know(source, "queue", raw, queue_id=queue.id)
    for person in stage.teams[theme.name]:
        know(source, "agent", person.extension if by_extension else person.name, user_id=person.id)
    db.session.commit()


def _look(source: Any) -> None:
    """Take in what has come, as a worker does."""
    company_id, source_id = source.company_id, source.id
    db.session.commit()
    Follower(company_id, source_id).look()


def _evenings(
    stage: Any,
    theme: Theme,
    queues: list[str],
    now: dt.datetime,
    zone: str,
    days: int,
    chance: random.Random,
) -> Iterator[Evening]:
    """Yield the calls of some evenings, one after another: one person is there."""
    people = stage.teams[theme.name]
    for back in range(days, 0, -1):
        day = (now.astimezone(ZoneInfo(zone)) - dt.timedelta(days=back)).date()
        midnight = dt.datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
        at, agent = int(midnight.timestamp()) + _EVENING, chance.choice(people)
        for _ in range(chance.randrange(9, 14)):
            answered = chance.random() < 0.85
            wait = chance.randrange(4, 70)
            talk = int(chance.uniform(0.4, 1.8) * theme.talk) if answered else 0
            number = number_of(theme, chance)
            yield Evening(at, chance.choice(queues), agent, number, wait, talk)
            at += wait + talk + chance.randrange(*_BETWEEN)


def _events(call: Evening) -> Iterator[str]:
    """Yield the lines of a queue_log."""
    key = f"{call.start}.{call.start % 9000}"
    answer = call.start + call.wait
    yield f"{call.start}|{key}|{call.queue}|NONE|ENTERQUEUE||{call.number}|1"
    if not call.talk:
        yield f"{answer}|{key}|{call.queue}|NONE|ABANDON|1|1|{call.wait}"
        return
    who, end = call.agent.name, answer + call.talk
    yield f"{answer}|{key}|{call.queue}|{who}|CONNECT|{call.wait}|{key}1|4"
    yield f"{end}|{key}|{call.queue}|{who}|COMPLETECALLER|{call.wait}|{call.talk}|1"


def _rows(calls: Iterator[Evening], zone: ZoneInfo) -> Iterator[str]:
    """Yield the lines of the export, with its header."""
    yield ";".join(_HEADER) + "\r\n"
    for number, call in enumerate(calls, 48211):
        local = dt.datetime.fromtimestamp(call.start, zone)
        said = ("Answered", call.agent.name) if call.talk else ("Missed", "")
        talk = f"{call.talk // 60}:{call.talk % 60:02}" if call.talk else ""
        yield (
            f"{number};{local:%d/%m/%Y};{local:%H:%M:%S};{call.queue};{said[1]};"
            f"{call.number};{said[0]};{call.wait};{talk}\r\n"
        )


def _documents(call: Evening, chance: random.Random) -> Iterator[bytes]:
    """Yield what mod_json_cdr posts of a call: the leg of the agent, then that of the caller."""
    caller, agent = (str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in range(2))
    answer, end = call.start + call.wait, call.start + call.wait + call.talk
    queue = {"cc_queue": f"{call.queue}@default", "cc_queue_joined_epoch": str(call.start)}
    if call.talk:
        who = f"{call.agent.extension}@default"
        answered = {"cc_cause": "answered", "cc_queue_answered_epoch": str(answer), "cc_agent": who}
        queue_end = {"cc_queue_terminated_epoch": str(end), "bridge_uuid": agent}
        theirs = {"cc_side": "agent", "cc_member_session_uuid": caller, "bridge_uuid": caller}
        extension = call.agent.extension
        leg = _leg(agent, "outbound", call, extension, answer - 4, answer, end)
        yield _posted(leg, queue | theirs | {"cc_agent": who})
    else:
        answered = {"cc_cause": "cancel", "cc_cancel_reason": "BREAK_OUT"}
        queue_end = {"cc_queue_canceled_epoch": str(end)}
    leg = _leg(caller, "inbound", call, "902125550140", call.start, call.start, end)
    told = {"cc_side": "member", "sip_hangup_disposition": "recv_bye", **answered, **queue_end}
    yield _posted(leg, queue | told)


def _leg(
    key: str, direction: str, call: Evening, dialled: str, start: int, answer: int, end: int
) -> dict[str, Any]:
    """Return a document as far as it says what was dialled and when."""
    times = {"start": start, "answer": answer, "end": end}
    channel = f"sofia/{'internal' if direction == 'outbound' else 'external'}/{dialled}@10.20.0.4"
    profile = {"caller_id_number": call.number, "destination_number": dialled, "uuid": key}
    return {
        "core-uuid": "7d1b0a52-5c1e-4c53-9a59-a4de17a00001",
        "switchname": "fs-ardelya",
        "channel_data": {"state": "CS_REPORTING", "direction": direction},
        "variables": {
            "uuid": key,
            "direction": direction,
            "channel_name": channel,
            "hangup_cause": "NORMAL_CLEARING",
            "duration": str(end - start),
            "billsec": str(end - answer),
            **{f"{name}_epoch": str(at) for name, at in times.items()},
            **{f"{name}_uepoch": str(at * 1_000_000) for name, at in times.items()},
            "start_stamp": f"{dt.datetime.fromtimestamp(start, dt.UTC):%Y-%m-%d %H:%M:%S}",
        },
        "callflow": [
            {
                "caller_profile": {**profile, "context": "public", "chan_name": channel},
                "times": {
                    "created_time": str(start * 1_000_000),
                    "answered_time": str(answer * 1_000_000),
                    "hangup_time": str(end * 1_000_000),
                },
            }
        ],
    }


def _posted(leg: dict[str, Any], variables: dict[str, str]) -> bytes:
    """Write a document with the values of its variables encoded, as is the default."""
    texts = {**leg["variables"], **variables}
    encoded = {name: quote(text, safe="!$'()*,-._~/") for name, text in texts.items()}
    return json.dumps({**leg, "variables": encoded}, separators=(",", ":")).encode()
