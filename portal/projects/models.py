"""Projects and who is in them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from portal.database import ProjectLink, ProjectRoot, Ref, search_key, utcnow
from portal.extensions import db
from portal.members.models import Group, User


class Project(ProjectRoot, db.Model):
    """The unit of access inside a company. Archived, never deleted, once it has history."""

    __tablename__ = "projects"
    __table_args__ = (
        # Not unique: a taken name would betray a project that one may not see.
        Index(None, "company_id", "name_key"),
        Index(
            "uq_projects_one_default",
            "company_id",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )

    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(2000), default="")
    # Name and description as searched; follows them by itself.
    search_key: Mapped[str] = mapped_column(String(600), default="", info={"audit": False})
    # What is to be reached: percent answered in time, percent abandoned and seconds of handling at
    # most, percent of the time at work. None: no target.
    target_service_level: Mapped[int | None]
    target_abandonment: Mapped[int | None]
    target_aht_s: Mapped[int | None]
    target_occupancy: Mapped[int | None]
    is_default: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    changed_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    archived_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    @validates("name", "description")
    def _keep_searchable(self, field: str, value: str) -> str:
        texts = {"name": self.name, "description": self.description, field: value}
        self.search_key = search_key(*texts.values())
        return value


TARGETS = ("target_service_level", "target_abandonment", "target_aht_s", "target_occupancy")


class ProjectUser(ProjectLink, db.Model):
    """One membership: this user is in this project by name."""

    __tablename__ = "project_users"

    user: Mapped[User] = Ref(User, primary_key=True)  # type: ignore[assignment]  # Ref makes it


class ProjectGroup(ProjectLink, db.Model):
    """One membership: whoever is in this group is in this project."""

    __tablename__ = "project_groups"

    group: Mapped[Group] = Ref(Group, primary_key=True)  # type: ignore[assignment]  # as above
