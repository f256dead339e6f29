"""The company: the tenant. Nothing crosses companies, ever."""

from __future__ import annotations

import enum

from sqlalchemy import Enum, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import CompanyRoot
from portal.extensions import db


class Security(enum.StrEnum):
    """Simple: no walls inside the company. Enhanced: projects wall it."""

    SIMPLE = "simple"
    ENHANCED = "enhanced"


# The seconds from which a company chooses: those that figures are kept for.
SERVICE = (10, 20, 30, 60, 120)
SHORT = (0, 5, 10)


class Company(CompanyRoot, db.Model):
    __tablename__ = "companies"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    timezone: Mapped[str] = mapped_column(String(64), default="Europe/Warsaw")
    language: Mapped[str] = mapped_column(String(8), default="en")
    security: Mapped[Security] = mapped_column(
        Enum(
            Security, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e]
        ),
        default=Security.SIMPLE,
    )
    # The service level counts calls answered within so many seconds; callers who left before
    # ``short_abandon_s`` count neither as offered nor as abandoned.
    service_s: Mapped[int] = mapped_column(default=20)
    short_abandon_s: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    # The zone in which the roll-ups of calls cut their days; None: they are yet to be filled.
    figures_timezone: Mapped[str | None] = mapped_column(String(64), info={"audit": False})
    # How often prices have changed, and how many of these changes the roll-up of costs knows.
    prices_version: Mapped[int] = mapped_column(default=0, info={"audit": False})
    costs_version: Mapped[int] = mapped_column(default=0, info={"audit": False})

    @property
    def walled(self) -> bool:
        return self.security is Security.ENHANCED

    @property
    def costs_hold(self) -> bool:
        return self.costs_version == self.prices_version
