"""What a job's function is given: to say how far it is, and to be told to stop."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from portal.extensions import db

if TYPE_CHECKING:
    from portal.jobs.claims import Claim


class Interrupted(BaseException):
    """The job shall stop here. No ``except Exception`` of a job's function keeps it."""


class Cancelled(Interrupted):
    """Somebody cancelled it."""


class Stopped(Interrupted):
    """The worker is told to end: another one goes on with the job."""


class Lost(Interrupted):
    """Another worker has taken the job: nothing more can be committed here."""


class Progress:
    """How far the job is. All of these raise :class:`Interrupted` when it shall stop."""

    def __init__(self, claim: Claim, stopping: threading.Event) -> None:
        self._claim, self._stopping = claim, stopping

    def report(self, done: int, total: int) -> None:
        """Commit what was done, and say how far that is."""
        self.tell(done, total)
        db.session.commit()
        self.check()

    def tell(self, done: int, total: int) -> None:
        """Say how far it will be with the next commit."""
        self._claim.news.update(done=done, total=total)

    def check(self) -> None:
        """Stop here if so asked; costs nothing."""
        if self._claim.lost:
            raise Lost
        if self._claim.cancel_requested:
            raise Cancelled
        if self._stopping.is_set():
            raise Stopped
