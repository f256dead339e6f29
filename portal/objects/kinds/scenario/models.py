"""Scenarios, their versions, and what of their project they use."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import ProjectOwned, Ref
from portal.extensions import db
from portal.objects.kinds.number_list import NumberList
from portal.objects.kinds.schedule import Schedule
from portal.objects.kinds.template import NotificationTemplate
from portal.objects.models import ObjectKind
from portal.objects.versions.models import Drafted, Version

USES = {"inbound": _l("Inbound line"), "dialer": _l("Dialer")}


class Scenario(Drafted, ObjectKind, ProjectOwned, db.Model):
    __tablename__ = "scenarios"
    kind = "scenario"

    used_for: Mapped[str] = mapped_column(String(8), default="inbound")


class ScenarioVersion(Version, db.Model):
    __tablename__ = "scenario_versions"
    part_of = "scenario"

    scenario = Ref(Scenario, same_project=True, ondelete="CASCADE", onupdate="CASCADE")


class ScenarioTarget(ProjectOwned, db.Model):
    """One thing that the steps of a scenario lead to, in its draft or its newest version.

    Written with them: so what is used cannot leave the project, and knows by what it is used.
    """

    __tablename__ = "scenario_targets"
    __audit__ = False  # the steps are told
    part_of = "scenario"

    scenario = Ref(Scenario, same_project=True, ondelete="CASCADE", onupdate="CASCADE")
    queue = Ref("queues", nullable=True, same_project=True)
    schedule = Ref(Schedule, nullable=True, same_project=True)
    list = Ref(NumberList, nullable=True, same_project=True)
    template = Ref(NotificationTemplate, nullable=True, same_project=True)
