"""How queues and dialers of the demo are set: who answers, on which numbers, when, and for whom."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from portal import sealing
from portal.calls.models import Visit
from portal.demo.cast import THEMES, Theme
from portal.demo.clients import somebody
from portal.extensions import db
from portal.members.models import User
from portal.objects import operations as objects
from portal.objects.base.models import DialerNumber
from portal.objects.kinds.dialer import Dialer, DialerExclusion
from portal.objects.kinds.dialer import running as dialers
from portal.objects.kinds.queue import Queue
from portal.objects.numbers.models import NumberListEntry
from portal.objects.queues import operations as queues
from portal.objects.registry import KINDS
from portal.projects.models import Project

if TYPE_CHECKING:
    from portal.demo.loading import Stage

_STRATEGIES = ("least_recent", "round_robin", "fewest_calls", "ring_all", "linear")
_INBOUND = {"pl": "+48221234", "tr": "+902121234", "en": "+442079460"}


@dataclass(frozen=True)
class Place:
    """What of the shared objects a theme's queues and dialers use, by name."""

    schedule: str
    provider: str
    blocked: str = ""
    vip: str = ""


_PL, _TR = Place("Pn–Pt 8–18", "Northline Telecom", "Czarna lista"), "Hafta içi 08–19"
PLACES = (
    _PL,
    Place("Round the clock", "Northline Telecom", vip="VIP callers"),
    _PL,
    Place(_TR, "Anadolu SIP", "Kara liste"),
    _PL,
    Place(_TR, "Anadolu SIP", "Kara liste"),
    Place("Weekdays and Saturdays", "Northline Telecom", vip="VIP callers"),
    Place("Weekdays and Saturdays", "Northline Telecom"),
)


@dataclass(frozen=True)
class Dialling:
    """How a dialer is set. ``excluded``: the lists that it does not call; ``left``: the numbers
    of its base that nobody has called yet."""

    theme: int
    name: str
    mode: str
    state: str
    caller_id: str
    daily: int = 0
    total: int = 0
    excluded: tuple[str, ...] = ()
    left: int = 40
    schedule: str = ""


DIALLING = (
    Dialling(0, "Oddzwonienia", "callback", "running", "+48221234501", excluded=("Czarna lista",)),
    Dialling(1, "Call-backs", "preview", "running", "+442079460101", left=25),
    Dialling(2, "Oddzwonienia", "callback", "stopped", "+48221234502", left=0),
    Dialling(
        2,
        "Kończące się umowy",
        "predictive",
        "running",
        "+48221234502",
        daily=400,
        total=20_000,
        excluded=("Czarna lista", "Bez ofert"),
        left=260,
        schedule="Oddzwanianie 10–20",
    ),
    Dialling(3, "Geri aramalar", "callback", "stopped", "+902121234501", left=18),
    Dialling(4, "Oddzwonienia", "callback", "stopped", "+48221234501", left=0),
    Dialling(
        4,
        "Przypomnienia o płatności",
        "progressive",
        "paused",
        "+48221234501",
        daily=250,
        excluded=("Bez ofert", "Czarna lista"),
        left=140,
        schedule="Oddzwanianie 10–20",
    ),
    Dialling(5, "Geri aramalar", "power", "stopped", "+902121234502", left=12),
    Dialling(
        5,
        "Hatırlatma aramaları",
        "voice",
        "running",
        "+902121234502",
        daily=120,
        excluded=("Kara liste",),
        left=90,
    ),
    Dialling(6, "Call-backs", "callback", "stopped", "+442079460102", left=8),
    Dialling(7, "Call-backs", "callback", "stopped", "+442079460102", left=0),
)


def set_queues(stage: Stage, shared: dict[str, Any]) -> None:
    """Give every queue its settings, its people and its numbers."""
    for number, theme in enumerate(THEMES):
        project, place = stage.projects[theme.name], PLACES[number]
        found = {one.name: one for one in _of(Queue, project)}
        people = stage.teams[theme.name]
        for n, name in enumerate(theme.queues):
            queue = found[name]
            overflow = found[theme.queues[0]] if n else None
            _set(
                queue,
                extension=f"{70 + number}{n + 1}",
                direction="in" if n == 2 else "both",
                strategy=_STRATEGIES[(number + n) % len(_STRATEGIES)],
                ring_s=15 + 5 * (n % 2),
                wrap_up_s=30,
                longest_wait_s=240,
                unanswered="queue" if overflow else "voicemail",
                overflow_id=overflow.id if overflow else None,
                schedule_id=shared[place.schedule].id,
                blocked_list_id=shared[place.blocked].id if place.blocked else None,
                vip_list_id=shared[place.vip].id if place.vip else None,
                service_percent=(80, 90)[number % 2],
                service_s=(20, 30)[n % 2],
                announces_position=n == 0,
                records=number != 5,
                weight=2 - n,
            )
            queues.put(queue, "group", stage.groups[theme.team].id, 5 * n, actor=stage.admin)
            for place_in_team, person in enumerate(people[2 * n : 2 * n + 2]):
                queues.put(queue, "user", person.id, place_in_team * 3, actor=stage.admin)
            for last in (1, 2)[: 2 - n]:
                inbound = f"{_INBOUND[theme.language]}{number}{n}{last}"
                queues.add_number(queue, inbound, actor=stage.admin)


def set_dialers(stage: Stage, shared: dict[str, Any], message: Any) -> None:
    """Set every dialer, and start those that work; ``message``: what the voice says."""
    for one in DIALLING:
        theme, place = THEMES[one.theme], PLACES[one.theme]
        project = stage.projects[theme.name]
        dialer = next(found for found in _of(Dialer, project) if found.name == one.name)
        queue = next(found for found in _of(Queue, project) if found.name == theme.queues[0])
        _set(
            dialer,
            mode=one.mode,
            queue_id=None if one.mode == "voice" else queue.id,
            scenario_id=message.id if one.mode == "voice" else None,
            provider_id=shared[place.provider].id,
            caller_id=one.caller_id,
            schedule_id=shared[one.schedule or place.schedule].id,
            daily_limit=one.daily,
            total_limit=one.total,
            busy_attempts=3,
            no_answer_attempts=2 if one.mode == "voice" else 4,
            excluded_lists=[shared[name].id for name in one.excluded],
        )
        db.session.flush()
        if one.state != dialers.STOPPED:
            dialers.put(dialer, dialers.RUNNING, actor=stage.admin)
            dialers.put(dialer, one.state, actor=stage.admin)


def fill_bases(stage: Stage, now: dt.datetime, seed: int) -> None:
    """Give the dialers those whom they have called, and those whom they have still to call."""
    chance = random.Random(seed)  # noqa: S311  # the same demo each time, nothing secret
    for one in DIALLING:
        project = stage.projects[THEMES[one.theme].name]
        dialer = next(found for found in _of(Dialer, project) if found.name == one.name)
        _fill(dialer, THEMES[one.theme], one, now, chance)
    db.session.flush()


def _fill(
    dialer: Any, theme: Theme, one: Dialling, now: dt.datetime, chance: random.Random
) -> None:
    called: dict[str, list[str]] = {}
    rows = select(Visit.number, Visit.result).where(Visit.dialer_id == dialer.id)
    for number, result in db.session.execute(rows.order_by(Visit.started_at, Visit.id)):
        called.setdefault(number, []).append(result)
    excluded = _excluded(dialer, now.date())
    numbers = [*called, *(n for n in sorted(excluded) if n not in called and one.excluded)]
    prefix, digits = {"pl": ("+48500000", 3), "tr": ("+9050000", 5), "en": ("+4420794608", 2)}[
        theme.language
    ]
    wanted = len(numbers) + one.left
    for place in chance.sample(range(10**digits), min(10**digits, wanted)):
        number = f"{prefix}{place:0{digits}d}"
        if len(numbers) < wanted and number not in called and number not in excluded:
            numbers.append(number)
    for number in numbers:
        state = "excluded" if number in excluded else _state(called.get(number, []), chance)
        db.session.add(
            DialerNumber(
                company_id=dialer.company_id,
                project_id=dialer.project_id,
                dialer_id=dialer.id,
                number=number,
                name=somebody(theme.language, chance),
                state=state,
                attempts=len(called.get(number, [])),
                added_at=now - dt.timedelta(days=chance.randint(2, 30)),
            )
        )
    dialer.base_wrong = round(len(numbers) * 0.02)
    dialer.base_duplicate = round(len(numbers) * 0.05)


def _state(results: list[str], chance: random.Random) -> str:
    """Return what has become of a number after the calls to it."""
    if "answered" in results:
        return "reached"
    known = Counter(results)
    if known["failed"] and chance.random() < 0.6:
        return "wrong"
    return "done" if len(results) > 3 else "waiting"


def _excluded(dialer: Any, today: dt.date) -> set[str]:
    lists = select(DialerExclusion.list_id).where(DialerExclusion.dialer_id == dialer.id)
    return set(
        db.session.scalars(
            select(NumberListEntry.number).where(
                NumberListEntry.list_id.in_(lists),
                or_(NumberListEntry.expires_on.is_(None), NumberListEntry.expires_on >= today),
            )
        )
    )


def give_phones(stage: Stage, now: dt.datetime, places: dict[User, list[Project]]) -> None:
    """Give these people a phone each, in their projects."""
    chance = random.Random(stage.company_id)  # noqa: S311  # nothing that a phone signs in with
    for number, (user, projects) in enumerate(places.items()):
        secret = "".join(chance.choices("abcdefghjkmnpqrstuvwxyz23456789", k=24))
        values = {
            "name": f"{user.extension} {user.name}",
            "notes": "",
            "active": True,
            "extension": user.extension,
            "login": user.extension,
            "secret": sealing.sealed(secret),
            "model": ("Yealink T46U", "Grandstream GRP2614", "Zoiper 5", "Snom D735")[number % 4],
            "transport": ("tls", "udp", "wss", "tls")[number % 4],
            "user_id": user.id,
            "registered_at": now - dt.timedelta(minutes=number % 37) if number % 5 else None,
        }
        objects.create(KINDS["phones"], values, projects, actor=stage.admin)


def _of(model: Any, project: Project) -> Any:
    return db.session.scalars(select(model).where(model.project_id == project.id)).all()


def _set(item: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(item, name, value)
