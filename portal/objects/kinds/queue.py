"""Queues distribute inbound and outbound calls to operators."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import BooleanField

from portal.database import ProjectOwned, Ref
from portal.extensions import db
from portal.forms import choice, line, number
from portal.objects.kind import Kind
from portal.objects.kinds.number_list import NumberList
from portal.objects.kinds.schedule import Schedule
from portal.objects.models import ObjectKind
from portal.objects.settings import Picker, Settings

STRATEGIES = {
    "ring_all": _l("Ring all"),
    "round_robin": _l("Round robin with memory"),
    "least_recent": _l("Least recent"),
    "fewest_calls": _l("Fewest calls"),
    "random": _l("Random"),
    "linear": _l("Linear"),
    "weighted_random": _l("Weighted random"),
}
DIRECTIONS = {"both": _l("Both"), "in": _l("Inbound"), "out": _l("Outbound")}
UNANSWERED = {
    "hang_up": _l("Hang up"),
    "voicemail": _l("Voicemail"),
    "queue": _l("Another queue"),
    "scenario": _l("Call scenario"),
}


class Queue(ObjectKind, ProjectOwned, db.Model):
    __tablename__ = "queues"
    kind = "queue"

    direction: Mapped[str] = mapped_column(String(8), default="both")
    extension: Mapped[str] = mapped_column(String(32), default="")
    strategy: Mapped[str] = mapped_column(String(32), default="ring_all")
    ring_s: Mapped[int] = mapped_column(default=20)
    wrap_up_s: Mapped[int] = mapped_column(default=0)
    longest_wait_s: Mapped[int] = mapped_column(default=300)
    unanswered: Mapped[str] = mapped_column(String(16), default="hang_up")
    service_percent: Mapped[int] = mapped_column(default=80)
    service_s: Mapped[int] = mapped_column(default=20)
    announces_position: Mapped[bool] = mapped_column(default=False)
    records: Mapped[bool] = mapped_column(default=False)
    weight: Mapped[int] = mapped_column(default=0)
    scenario = Ref("scenarios", nullable=True, same_project=True)
    overflow = Ref("queues", nullable=True, same_project=True)
    schedule = Ref(Schedule, nullable=True, same_project=True)
    blocked_list = Ref(NumberList, nullable=True, same_project=True)
    vip_list = Ref(NumberList, nullable=True, same_project=True)


class QueueSettings(Settings):
    sections = {
        _l("Calls"): ("direction", "extension", "scenario_id", "schedule_id"),
        _l("Distribution"): (
            "strategy",
            "ring_s",
            "wrap_up_s",
            "longest_wait_s",
            "unanswered",
            "overflow_id",
            "weight",
        ),
        _l("Numbers"): ("blocked_list_id", "vip_list_id"),
        _l("Service"): ("service_percent", "service_s", "announces_position", "records"),
    }

    direction = choice(_l("Direction"), DIRECTIONS)
    extension = line(_l("Internal number"), limit=32)
    scenario_id = Picker(_l("Call scenario"), "scenarios")
    schedule_id = Picker(_l("Schedule"), "schedules")
    strategy = choice(_l("Strategy"), STRATEGIES)
    ring_s = number(_l("Ring time (s)"), least=1, most=600, default=20)
    wrap_up_s = number(_l("Wrap-up (s)"), least=0, most=3600, default=0)
    longest_wait_s = number(_l("Longest wait (s)"), least=0, most=86400, default=300)
    unanswered = choice(_l("When nobody answers"), UNANSWERED)
    overflow_id = Picker(_l("The other queue"), "queues")
    weight = number(_l("Weight"), least=0, most=100, default=0)
    blocked_list_id = Picker(_l("Blocked numbers"), "number_lists")
    vip_list_id = Picker(_l("VIP numbers"), "number_lists")
    service_percent = number(_l("Answered in time (%)"), least=1, most=100, default=80)
    service_s = number(_l("In time means (s)"), least=1, most=3600, default=20)
    announces_position = BooleanField(_l("Announce the position"))
    records = BooleanField(_l("Record calls"))


def _staff(queue: Queue) -> dict[str, Any]:
    from portal.objects.queues.queries import staff  # they stand on this kind

    return staff(queue)


KIND = Kind(
    slug="queues",
    model=Queue,
    order=10,
    icon="stack-2",
    label=_l("Queue"),
    plural=_l("Queues"),
    add=_l("New queue"),
    purpose=_l("Queues distribute inbound and outbound calls to operators."),
    settings=QueueSettings,
    parts_page="queues/_staff.html",
    parts=_staff,
)
