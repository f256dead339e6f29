"""When a subscription is due."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

EVERY = {
    "day": _l("Every day"),
    "week": _l("Every Monday"),
    "month": _l("On the first of each month"),
}
# What is sent unless another period is chosen: the day, week or month that has just ended.
PERIODS = {"day": "yesterday", "week": "last_7_days", "month": "last_month"}
_FARTHEST = 63  # days from the first of a month to the one after the next


def next_time(every: str, hour: int, zone: ZoneInfo, after: dt.datetime) -> dt.datetime:
    """Return the first moment after ``after`` at which it is that hour of such a day.

    An hour that the clock leaps over is the one after it; one that comes twice is the first.
    """
    today = after.astimezone(zone).date()
    for days in range(_FARTHEST):
        day = today + dt.timedelta(days=days)
        if (every == "week" and day.weekday()) or (every == "month" and day.day > 1):
            continue
        moment = dt.datetime.combine(day, dt.time(hour), zone).astimezone(dt.UTC)
        if moment > after:
            return moment
    raise ValueError(every)
