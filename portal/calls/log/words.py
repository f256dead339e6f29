"""What directions, results and offers are called on the screen and in exports."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

DIRECTIONS: dict[str, LazyString] = {
    "in": _l("Inbound"),
    "out": _l("Outbound"),
    "internal": _l("Internal"),
}
DIRECTION_ICONS = {"in": "phone-incoming", "out": "phone-outgoing", "internal": "arrows-exchange"}
# What told whose a visit is; see the columns of visits.
STAMPED_BY: dict[str, LazyString] = {
    "tag": _l("by its tag"),
    "queue": _l("by the queue"),
    "account": _l("by the account code"),
    "context": _l("by the context"),
    "did": _l("by the number dialled"),
    "number": _l("by the number called"),
    "trunk": _l("by the outside line"),
    "agent": _l("by the operator's only project"),
    "source": _l("as nothing else told"),
}
RESULTS: dict[str, LazyString] = {
    "answered": _l("Answered"),
    "abandoned": _l("Abandoned"),
    "timed_out": _l("Timed out"),
    "left_by_key": _l("Left by key"),
    "queue_empty": _l("No operator in the queue"),
    "withdrawn": _l("Withdrawn"),
    "refused": _l("Refused"),
    "left_menu": _l("Left in the menu"),
    "no_answer": _l("No answer"),
    "busy": _l("Busy"),
    "failed": _l("Failed"),
    "lost": _l("Lost: the exchange stopped"),
    "in_progress": _l("In progress"),
}
# Colour for exceptions only: an answered call is quiet.
RESULT_KINDS = {
    "answered": "quiet",
    "abandoned": "bad",
    "timed_out": "warn",
    "no_answer": "warn",
    "lost": "bad",
    "failed": "bad",
    "in_progress": "info",
}
RESULT_ICONS = {"answered": "phone-check", "abandoned": "phone-x"}
OFFERS: dict[str, LazyString] = {
    "answered": _l("Answered"),
    "no_answer": _l("Did not answer"),
    "refused": _l("Refused"),
    "cancelled": _l("Caller left"),
    "taken_by_other": _l("Taken by somebody else"),
}
# What the filters choose from.
LANES: dict[str, LazyString] = {
    "project": _l("Projects"),
    "queue": _l("Queues"),
    "dialer": _l("Dialers"),
    "operator": _l("Operators"),
}
TABS = (
    (_l("All calls"), ()),
    (_l("Answered"), ("answered",)),
    (_l("Abandoned"), ("abandoned",)),
    (_l("Timed out"), ("timed_out",)),
)
