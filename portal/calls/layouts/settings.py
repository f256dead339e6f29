"""What a layout says of a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l

PREFIX = "layout:"  # of the kinds that evidence is kept with
LEFT_OUT = "leave_out"  # an outcome whose rows are no calls


@dataclass(frozen=True)
class Settings:
    """How the columns of a table are to be read; kept as JSON."""

    timezone: str
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    header: tuple[str, ...] | None = None  # the first row, where it names the columns
    width: int = 0
    date_order: str = ""  # one of cells.DATE_ORDERS; "": nobody has said it
    clock: str = "24"
    decimal_comma: bool = False
    wait_unit: str = "s"
    talk_unit: str = "s"
    direction: str = "in"  # of calls where no column tells it
    columns: dict[str, int] = field(default_factory=dict)  # by the names of roles, see ROLES
    outcomes: dict[str, str] = field(default_factory=dict)  # as it is written → RESULTS, LEFT_OUT
    directions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Settings:
        header = kept.get("header")
        return cls(**{**kept, "header": None if header is None else tuple(header)})


IDS = ("id", "id_2", "id_3")
ROLES = {
    "date": _l("Day"),
    "start": _l("Start of the call"),
    "answer": _l("Time of the answer"),
    "end": _l("End of the call"),
    "wait": _l("Waiting time"),
    "talk": _l("Talk time"),
    "outcome": _l("Outcome"),
    "direction": _l("Direction"),
    "queue": _l("Queue"),
    "agent": _l("Operator"),
    "number": _l("Number of the caller or the called"),
    "name": _l("Name of the caller"),
    "did": _l("Number dialled"),
    "account": _l("Account"),
    "tag": _l("Tag"),
    "id": _l("Id of the call"),
    "id_2": _l("Id, second part"),
    "id_3": _l("Id, third part"),
}
