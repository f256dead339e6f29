"""What states of jobs are called, and how they look."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

STATES = {
    "waiting": (_l("Waiting"), "quiet"),
    "running": (_l("Running"), "info"),
    "done": (_l("Done"), "ok"),
    "failed": (_l("Failed"), "bad"),
    "cancelled": (_l("Cancelled"), "quiet"),
}
