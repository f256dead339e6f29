"""What fates of rows and states of imports are called, and how they look."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

FATES = {
    "new": (_l("Will be added"), "ok"),
    "changed": (_l("Will be changed"), "info"),
    "same": (_l("Is there already"), "quiet"),
    "refused": (_l("Will be refused"), "bad"),
}
COUNTS = {
    "rows_new": _l("Added"),
    "rows_changed": _l("Changed"),
    "rows_same": _l("There already"),
    "rows_refused": _l("Refused"),
}
STATES = {
    "draft": (_l("Not started"), "quiet"),
    "waiting": (_l("Waiting"), "quiet"),
    "running": (_l("Running"), "info"),
    "done": (_l("Done"), "ok"),
    "failed": (_l("Failed"), "bad"),
    "cancelled": (_l("Stopped"), "warn"),
}
