"""Calls to the outside, over whose lines they went, and what they cost."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, case, func, select

from portal.calls.costs import CostDay, charged
from portal.calls.log import words
from portal.calls.models import Visit
from portal.members.models import User
from portal.objects.kinds.sip_provider import (
    CURRENCIES,
    MILLION,
    ProviderRate,
    SipProvider,
)
from portal.projects.models import Project
from portal.reports import dimensions
from portal.reports.facts import visits
from portal.reports.terms import Column, Dimension, Fact, Filter, Measure, RollUp, Sum, Sums, share
from portal.wall.criteria import looked_up

_ANSWERED = Visit.result == "answered"
_LONGEST_PREFIX = 15

ATTEMPTS = Sum("attempts")
ANSWERED = Sum("answered", _ANSWERED)
TALK = Sum("talk_s", _ANSWERED, func.coalesce(Visit.talk_s, 0))
CAUSES = {one: Sum(one, Visit.result == one) for one in ("busy", "no_answer", "failed", "lost")}

BY_PROVIDER = Dimension(
    "provider",
    _l("SIP provider"),
    Visit.provider_id,
    SipProvider,
    nothing=_l("No known provider"),
)
BY_PROJECT = visits.BY_PROJECT

MADE = Measure(
    "attempts", _l("Attempts"), _l("Calls that were dialled to the outside."), (ATTEMPTS,)
)
PUT_THROUGH = Measure(
    "answered",
    _l("Answered"),
    _l("Attempts that somebody, or something, at the other end answered."),
    (ANSWERED,),
    better=1,
)
ASR = Measure(
    "asr",
    _l("ASR"),
    _l("Answer-seizure ratio: answered attempts as a share of all."),
    (ANSWERED, ATTEMPTS),
    unit="percent",
    value=share(ANSWERED, ATTEMPTS),
    better=1,
)
ACD = Measure(
    "acd",
    _l("ACD"),
    _l("Average call duration: talk of answered attempts."),
    (TALK, ANSWERED),
    unit="duration",
    value=share(TALK, ANSWERED),
    better=1,
)
BUSY = Measure("busy", _l("Busy"), _l("Attempts at numbers that were engaged."), (CAUSES["busy"],))
NO_ANSWER = Measure(
    "no_answer", _l("No answer"), _l("Attempts that rang until they ended."), (CAUSES["no_answer"],)
)
FAILED = Measure(
    "failed",
    _l("Failed"),
    _l("Attempts that the line refused or did not put through."),
    (CAUSES["failed"],),
    better=-1,
)
LOST = Measure(
    "lost",
    _l("Lost"),
    _l("Attempts that were up when the exchange stopped."),
    (CAUSES["lost"],),
    better=-1,
)

COLUMNS = (
    Column("time", _l("Time"), Visit.started_at, "moment"),
    Column("number", _l("Number"), Visit.number, "phone"),
    Column("project", _l("Project"), dimensions.name_of(Project, Visit.project_id)),
    Column("provider", _l("SIP provider"), dimensions.name_of(SipProvider, Visit.provider_id)),
    Column("line", _l("Trunk"), Visit.trunk_raw),
    Column(
        "operator",
        _l("Operator"),
        func.coalesce(dimensions.name_of(User, Visit.operator_id), Visit.agent_raw),
        "person",
    ),
    Column("talk", _l("Talk"), Visit.talk_s, "duration"),
    Column("result", _l("Result"), Visit.result, words=words.RESULTS),
)
FILTERS = (
    dimensions.of_projects(Visit.project_id),
    Filter("provider", _l("SIP provider"), Visit.provider_id, SipProvider),
    dimensions.of_groups(Visit.operator_id),
    dimensions.of_operators(Visit.operator_id),
    visits.OF_RESULT,
)
FACT = Fact(
    name="lines",
    model=Visit,
    at=Visit.started_at,
    columns=COLUMNS,
    filters=FILTERS,
    source=_l(
        "Calls to the outside come from the call records (Master.csv) of your telephone system:"
        " import them, and say under Sources which SIP provider each outside line is."
    ),
    where=(Visit.direction == "out", Visit.kind == "direct"),
    link=lambda visit_id: url_for("calls.show", visit_id=visit_id),
    masked=True,
)

# --- cost


def _rate_of_call() -> Any:
    """Return the id of the price of a call: of its longest prefix, the newest that held then."""
    rate = looked_up(ProviderRate, "rate_of_call")
    dialled = case(
        (Visit.digits.startswith("00"), func.substr(Visit.digits, 3)), else_=Visit.digits
    )
    prefixes = [func.substr(dialled, 1, length) for length in range(1, _LONGEST_PREFIX + 1)]
    return (
        select(rate.id)
        .where(
            rate.company_id == Visit.company_id,
            rate.provider_id == Visit.provider_id,
            rate.prefix.in_(prefixes),
            rate.starts_at <= Visit.started_at,
        )
        .order_by(func.length(rate.prefix).desc(), rate.starts_at.desc(), rate.id)
        .limit(1)
        .scalar_subquery()
    )


_HAS_RATE = ProviderRate.id.is_not(None)
_TALK_S = func.coalesce(Visit.talk_s, 0)
_COUNTED_S = (_TALK_S + ProviderRate.step_s - 1) // ProviderRate.step_s * ProviderRate.step_s
_COST = ProviderRate.setup + _COUNTED_S * ProviderRate.minute // 60
_CURRENCY = dimensions.of_one(SipProvider, Visit.provider_id, lambda one: one.currency)
_PLACES = {name: place for place, name in enumerate(CURRENCIES, 1)}

CALLS = Sum("calls")
TALKED = Sum("talked_s", None, _TALK_S)
COUNTED = Sum("counted_s", _HAS_RATE, _COUNTED_S)
COST = Sum("cost", _HAS_RATE, _COST)
WITHOUT_RATE = Sum("without_rate", ~_HAS_RATE)


def currencies_of(has_cost: Any, code: Any) -> tuple[Sum, Sum]:
    """Return what tells the currencies that there are: the first and the last, by their list.

    The first is the last of a list that runs backwards.
    """
    place = case(_PLACES, value=code)
    return (
        Sum("last_currency", has_cost, place, how="max"),
        Sum("first_currency", has_cost, len(_PLACES) + 1 - place, how="max"),
    )


_CURRENCIES = currencies_of(_HAS_RATE, _CURRENCY)


def _rolled_up() -> Any:
    """Query the sums of days; prices are seen, or not, with their provider."""
    own = CostDay.company_id, CostDay.starts_at, CostDay.project_id, CostDay.provider_id
    known = SipProvider.id.is_not(None)
    has_rate = and_(known, CostDay.rated > 0)
    sums: dict[Sum, Any] = {
        CALLS: CostDay.calls,
        TALKED: CostDay.talked_s,
        COUNTED: case((known, CostDay.counted_s)),
        COST: case((known, CostDay.cost)),
        WITHOUT_RATE: CostDay.calls - case((known, CostDay.rated), else_=0),
        **{one: case((one.where, one.of)) for one in currencies_of(has_rate, SipProvider.currency)},
    }
    named = [column.label(one.name) for one, column in sums.items()]
    provider = and_(
        SipProvider.company_id == CostDay.company_id, SipProvider.id == CostDay.provider_id
    )
    return (
        select(*own, SipProvider.currency.label("currency"), *named)
        .outerjoin_from(CostDay, SipProvider, provider)
        .subquery(CostDay.__tablename__)
    )


def currency(sums: Sums) -> str | None:
    """Return the only currency of a cost."""
    last, first = sums["last_currency"], sums["first_currency"]
    return list(CURRENCIES)[last - 1] if last and last + first == len(_PLACES) + 1 else None


def money(sums: Sums) -> float | None:
    """Return a cost; None where it would be one of several currencies."""
    return sums["cost"] / MILLION if currency(sums) else None


def _mean_rate(sums: Sums) -> float | None:
    cost = money(sums)
    return cost / (sums["counted_s"] / 60) if cost is not None and sums["counted_s"] else None


BY_CURRENCY = Dimension(
    "currency", _l("Currency"), _CURRENCY, words=CURRENCIES, nothing=_l("No known provider")
)
CALLED = Measure("calls", _l("Calls"), _l("Answered calls to the outside."), (CALLS,))
MINUTES = Measure(
    "counted",
    _l("Charged time"),
    _l("Talk of calls with a rate, rounded up as the rate says, second by second or by minutes."),
    (COUNTED,),
    unit="duration",
)
RATE = Measure(
    "rate",
    _l("Rate"),
    _l("What a charged minute cost on average, with the setup fees, in the provider's currency."),
    (COST, COUNTED, *_CURRENCIES),
    unit="price",
    value=_mean_rate,
    alike=currency,
)
SUM = Measure(
    "cost",
    _l("Sum"),
    _l("What calls cost by their provider's prices; different currencies are not added up."),
    (COST, *_CURRENCIES),
    unit="money",
    value=money,
    alike=currency,
    better=-1,
)
MONEY_OF = Measure(
    "currency",
    _l("Currency"),
    _l("The currency of the provider's prices; none where calls cost several."),
    (COST, *_CURRENCIES),
    unit="word",
    value=currency,
)
UNRATED = Measure(
    "without_rate",
    _l("Without rate"),
    _l(
        "Answered calls for which no price is known: of no provider, or with no prefix in its list."
    ),
    (WITHOUT_RATE,),
    better=-1,
)
COSTS = Fact(
    name="costs",
    model=Visit,
    at=Visit.started_at,
    columns=(
        *COLUMNS[:-1],
        Column("counted", _l("Charged time"), _COUNTED_S, "duration"),
        Column(
            "cost",
            _l("Cost"),
            _COST,
            text=lambda value: "" if value is None else f"{value / MILLION:.4f}",
        ),
        Column("currency", _l("Currency"), case((_HAS_RATE, _CURRENCY))),
    ),
    filters=FILTERS[:-1],
    joins=(
        (
            ProviderRate,
            and_(ProviderRate.company_id == Visit.company_id, ProviderRate.id == _rate_of_call()),
        ),
    ),
    source=_l(
        "Costs are made of call records (Master.csv) and prices: import the records, say under"
        " Sources which SIP provider each outside line is, and enter the provider's prices."
    ),
    where=charged(Visit),
    rollups=(RollUp(_rolled_up(), "day", lambda company: company.costs_hold),),
    link=lambda visit_id: url_for("calls.show", visit_id=visit_id),
    masked=True,
    needs=select(ProviderRate.id).limit(1),
)
