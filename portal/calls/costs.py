"""What calls to the outside cost by the prices of SIP providers, summed up by days of projects.

Prices change, also those of the past. So each change is noted in its own transaction, in
``Company.prices_version``; until a worker has counted anew (see :mod:`.recounting`) these sums are
of the prices before, and reports price each visit. Currencies stand with the providers and are no
part of the sums; what is of a provider that was deleted is never read as a cost.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping
from operator import itemgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Index, select
from sqlalchemy.orm import Mapped

from portal.calls import adding
from portal.database import MaybeOwned
from portal.extensions import db
from portal.objects.kinds.sip_provider import ProviderRate
from portal.periods import day_of

CHARGED = {"kind": "direct", "direction": "out", "result": "answered"}
_CALL = ("started_at", "project_id", "provider_id", "digits", "talk_s")
COLUMNS = (*CHARGED, *_CALL)
_KIND, _WHAT = tuple(CHARGED.values()), itemgetter(*CHARGED)
SUMS = ("calls", "talked_s", "rated", "counted_s", "cost")


def charged(visit: Any) -> tuple[ColumnElement[bool], ...]:
    """Say in SQL which visits are charged; ``visit``: the model of visits or an alias of it."""
    return tuple(getattr(visit, name) == value for name, value in CHARGED.items())


class CostDay(MaybeOwned, db.Model):
    """The costs of one day of a project's calls over the lines of a provider, or of none."""

    __tablename__ = "cost_days"
    __audit__ = False  # an import is one entry
    __table_args__ = (
        Index(None, "company_id", "starts_at", "project_id"),
        Index(None, "company_id", "project_id", "starts_at"),
    )

    starts_at: Mapped[dt.datetime]
    provider_id: Mapped[uuid.UUID | None]
    calls: Mapped[int]
    talked_s: Mapped[int]
    rated: Mapped[int]  # those for which there is a price
    counted_s: Mapped[int]  # as their prices round it up
    cost: Mapped[int]  # in millionths


class _Call(NamedTuple):
    started_at: dt.datetime
    project_id: uuid.UUID | None
    provider_id: uuid.UUID | None
    digits: str
    talk_s: int | None


class _Rate(NamedTuple):
    prefix: str
    minute: int
    setup: int
    step_s: int
    starts_at: dt.datetime


class Costs:
    """Collects visits that came (1) and went (-1); ``write`` changes the sums by them."""

    def __init__(self, company_id: int, zone: ZoneInfo) -> None:
        self.company_id, self.zone = company_id, zone
        self._calls: Counter[_Call] = Counter()

    def count(self, visit: Mapping[str, Any], sign: int) -> None:
        if _WHAT(visit) == _KIND:
            self._calls[_Call(*(visit[name] for name in _CALL))] += sign

    def write(self) -> None:
        """Price the collected visits by what holds now, add them to the table, and forget them."""
        calls = {call: number for call, number in self._calls.items() if number}
        self._calls.clear()
        rates = self._rates({call.provider_id for call in calls} - {None})
        changes: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * len(SUMS))
        for call, number in calls.items():
            day, _ = day_of(call.started_at, self.zone)
            sums = changes[day, call.project_id, call.provider_id]
            for place, amount in enumerate(_priced(call, rates.get(call.provider_id, {}))):
                sums[place] += number * amount
        rows = [
            {
                "company_id": self.company_id,
                "id": adding.row_id(CostDay, self.company_id, key[0], key[1:]),
                **dict(zip(("starts_at", "project_id", "provider_id"), key, strict=True)),
                **dict(zip(SUMS, sums, strict=True)),
            }
            for key, sums in changes.items()
            if any(sums)
        ]
        adding.add(CostDay, rows, SUMS)

    def _rates(self, provider_ids: set[Any]) -> dict[Any, dict[str, list[_Rate]]]:
        """Return the prices of providers by their prefix, those of the last days first."""
        found: dict[Any, dict[str, list[_Rate]]] = {}
        if not provider_ids:
            return found
        query = (
            select(
                ProviderRate.provider_id, *(getattr(ProviderRate, name) for name in _Rate._fields)
            )
            .where(
                ProviderRate.company_id == self.company_id,
                ProviderRate.provider_id.in_(provider_ids),
            )
            .order_by(ProviderRate.starts_at.desc(), ProviderRate.id)
        )
        for provider_id, *values in db.session.execute(query):
            rate = _Rate(*values)
            found.setdefault(provider_id, {}).setdefault(rate.prefix, []).append(rate)
        return found


def _priced(call: _Call, rates: Mapping[str, list[_Rate]]) -> tuple[int, ...]:
    """Return what one call adds to the sums."""
    talked, rate = call.talk_s or 0, _rate_of(call, rates)
    if rate is None:
        return 1, talked, 0, 0, 0
    counted = -(-talked // rate.step_s) * rate.step_s
    return 1, talked, 1, counted, rate.setup + counted * rate.minute // 60


def _rate_of(call: _Call, rates: Mapping[str, list[_Rate]]) -> _Rate | None:
    """Return the price of the longest prefix, the newest that held then."""
    dialled = call.digits.removeprefix("00")
    for length in range(len(dialled), 0, -1):
        for rate in rates.get(dialled[:length], ()):
            if rate.starts_at <= call.started_at:
                return rate
    return None
