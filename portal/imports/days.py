"""Days as people write them."""

from __future__ import annotations

import datetime as dt
import re

_FORMS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d")


def day_of(text: str) -> dt.date | None:
    """Read a day; a spreadsheet may put a time behind it. The day comes before the month."""
    day = re.split(r"[T ]", text.strip(), maxsplit=1)[0]
    for form in _FORMS:
        try:
            return dt.datetime.strptime(day, form).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
    return None
