"""People of a company: users, groups and roles."""

from __future__ import annotations

import datetime as dt
import uuid

from flask_login import UserMixin
from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from portal.access.permissions import Permission
from portal.access.policy import permissions_of
from portal.database import CompanyRow, CompanyScoped, PeopleRow, Ref, search_key, utcnow
from portal.extensions import db


class Role(CompanyScoped, db.Model):
    """What a user may do. With a ``template`` it is fixed: the policy holds its permissions."""

    __tablename__ = "roles"
    __table_args__ = (UniqueConstraint("company_id", "name_key"),)

    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(500), default="")
    template: Mapped[str | None] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(default=1)

    granted: Mapped[list[RolePermission]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.template, [row.permission for row in self.granted])


class RolePermission(CompanyRow, db.Model):
    """One permission that an own role holds."""

    __tablename__ = "role_permissions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["company_id", "role_id"], ["roles.company_id", "roles.id"], ondelete="CASCADE"
        ),
    )

    role_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    permission: Mapped[str] = mapped_column(String(40), primary_key=True)


class User(UserMixin, PeopleRow, CompanyScoped, db.Model):
    """A login; an operator is a user who takes calls."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("company_id", "email_key"),
        Index("ix_users_email_key", "email_key"),
        Index(None, "company_id", "name_key"),
        Index(None, "company_id", "search_key", "id"),
    )

    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(500))
    # Name, address and extension as searched and sorted; follows them by itself.
    search_key: Mapped[str] = mapped_column(String(600), default="", info={"audit": False})
    extension: Mapped[str] = mapped_column(String(20), default="")
    role: Mapped[Role] = Ref(Role)  # type: ignore[assignment]  # Ref makes the relationship
    language: Mapped[str | None] = mapped_column(String(8))
    timezone: Mapped[str | None] = mapped_column(String(64))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_last_step: Mapped[int | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    invited_at: Mapped[dt.datetime | None]
    last_sign_in_at: Mapped[dt.datetime | None]
    locked_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    @validates("name", "email", "extension")
    def _keep_searchable(self, field: str, value: str) -> str:
        parts = {"name": self.name, "email": self.email, "extension": self.extension, field: value}
        self.search_key = search_key(*parts.values())
        return value

    @property
    def is_active(self) -> bool:
        return self.locked_at is None

    @property
    def state(self) -> str:
        """'locked', 'invited' (no password chosen yet) or 'active'."""
        if self.locked_at:
            return "locked"
        return "active" if self.password_hash else "invited"


class Group(PeopleRow, CompanyScoped, db.Model):
    """A named set of users; can be put into a project as one."""

    __tablename__ = "groups"
    __table_args__ = (UniqueConstraint("company_id", "name_key"),)

    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(500), default="")
    search_key: Mapped[str] = mapped_column(String(600), default="", info={"audit": False})
    version: Mapped[int] = mapped_column(default=1)

    @validates("name")
    def _keep_searchable(self, field: str, value: str) -> str:
        self.search_key = search_key(value)
        return value


class GroupUser(PeopleRow, db.Model):
    """One membership: this user is in this group."""

    __tablename__ = "group_users"

    group: Mapped[Group] = Ref(Group, primary_key=True)  # type: ignore[assignment]  # as above
    user: Mapped[User] = Ref(User, primary_key=True)  # type: ignore[assignment]  # as above
