"""What a dialer is set to."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import ProjectOwned, Ref
from portal.extensions import db
from portal.objects.kinds.number_list import NumberList
from portal.objects.kinds.schedule import Schedule
from portal.objects.kinds.sip_provider import SipProvider
from portal.objects.models import ObjectKind

MODES = {
    "progressive": _l("Progressive"),
    "preview": _l("Preview"),
    "predictive": _l("Predictive"),
    "power": _l("Power"),
    "callback": _l("Callback"),
    "voice": _l("Voice message"),
}
# What answers those who are called: operators of a queue, or a scenario without people.
TO_QUEUE, TO_SCENARIO = "queue", "scenario"
NEEDS = dict.fromkeys(MODES, (TO_QUEUE,)) | {
    "callback": (TO_QUEUE, TO_SCENARIO),
    "voice": (TO_SCENARIO,),
}
STATES = {"stopped": _l("Stopped"), "running": _l("Running"), "paused": _l("Paused")}
# What may come of a call that reached nobody.
RESULTS = {
    "busy": _l("Busy"),
    "no_answer": _l("No answer"),
    "failed": _l("Failed"),
    "voicemail": _l("Voicemail"),
    "abandoned": _l("Hung up while waiting"),
}


class Dialer(ObjectKind, ProjectOwned, db.Model):
    """``…_attempts``: how often a number is called again after such a result, ``…_wait_min`` when.

    A limit of 0 is none.
    """

    __tablename__ = "dialers"
    __table_args__ = (
        CheckConstraint("queue_id IS NULL OR scenario_id IS NULL", name="one_answers"),
    )
    kind = "dialer"

    # Rows of its imports that were no numbers, and that named one that was there already.
    base_wrong: Mapped[int] = mapped_column(default=0, info={"audit": False})
    base_duplicate: Mapped[int] = mapped_column(default=0, info={"audit": False})

    mode: Mapped[str] = mapped_column(String(16), default="progressive")
    state: Mapped[str] = mapped_column(String(8), default="stopped")
    caller_id: Mapped[str] = mapped_column(String(32), default="")
    busy_attempts: Mapped[int] = mapped_column(default=3)
    busy_wait_min: Mapped[int] = mapped_column(default=10)
    no_answer_attempts: Mapped[int] = mapped_column(default=3)
    no_answer_wait_min: Mapped[int] = mapped_column(default=120)
    failed_attempts: Mapped[int] = mapped_column(default=1)
    failed_wait_min: Mapped[int] = mapped_column(default=60)
    voicemail_attempts: Mapped[int] = mapped_column(default=2)
    voicemail_wait_min: Mapped[int] = mapped_column(default=240)
    abandoned_attempts: Mapped[int] = mapped_column(default=2)
    abandoned_wait_min: Mapped[int] = mapped_column(default=15)
    daily_limit: Mapped[int] = mapped_column(default=0)
    total_limit: Mapped[int] = mapped_column(default=0)
    queue = Ref("queues", nullable=True, same_project=True)
    scenario = Ref("scenarios", nullable=True, same_project=True)
    provider = Ref(SipProvider, nullable=True, same_project=True)
    schedule = Ref(Schedule, nullable=True, same_project=True)
    exclusions: Mapped[list[DialerExclusion]] = relationship(
        back_populates="dialer", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def excluded_lists(self) -> list[uuid.UUID]:
        return [row.list_id for row in self.exclusions]

    @excluded_lists.setter
    def excluded_lists(self, wanted: Iterable[uuid.UUID]) -> None:
        ids = set(wanted)
        kept = [row for row in self.exclusions if row.list_id in ids]
        new = sorted(ids - {row.list_id for row in kept})
        self.exclusions = [*kept, *(DialerExclusion(list_id=one) for one in new)]


class DialerExclusion(ProjectOwned, db.Model):
    """A list whose numbers a dialer does not call. It is where the dialer is, and the list too."""

    __tablename__ = "dialer_exclusions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["company_id", "project_id", "dialer_id"],
            ["dialers.company_id", "dialers.project_id", "dialers.id"],
            ondelete="CASCADE",
            onupdate="CASCADE",
        ),
        UniqueConstraint("company_id", "dialer_id", "list_id"),
    )
    part_of = "dialer"
    told_as = ("dialer", "excluded_lists", "list")

    dialer_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    list = Ref(NumberList, same_project=True)
    dialer: Mapped[Dialer] = relationship(back_populates="exclusions")
