"""Keeping what many send at once: what waits together is kept by one transaction.

A sync to the disk takes milliseconds, and writers of SQLite take turns. So the first that comes
while others are being kept leads those that come after it: when its turn has come it keeps all of
them, and nobody is told before that is on the disk. Each process has lots of its own.
"""

from __future__ import annotations

import threading

from flask import Flask

from portal.calls.receiving.operations import Sent, keep_all
from portal.extensions import db


class NotKeptError(Exception):
    """It was not kept: whoever sent it has to send it again."""


class _Lot:
    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.over = threading.Event()
        self.kept: list[bool] | None = None  # stays None where nothing is kept, whatever the reason


class Lots:
    """The lots of one process for one database."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._joining, self._turn = threading.Lock(), threading.Lock()
        self._next = _Lot()

    def keep(self, sent: Sent) -> bool:
        """Return when it is kept, or False: no source has its token."""
        with self._joining:
            lot, place = self._next, len(self._next.sent)
            lot.sent.append(sent)
        if place == 0:
            self._lead(lot)
        lot.over.wait()
        if lot.kept is None:
            raise NotKeptError
        return lot.kept[place]

    def _lead(self, lot: _Lot) -> None:
        try:
            with self._turn:
                with self._joining:  # who comes from now on is of the next lot
                    self._next = _Lot()
                lot.kept = self._kept(lot.sent)
        except Exception:  # everybody in the lot is told
            self._app.logger.exception("%d deliveries were not kept", len(lot.sent))
        finally:
            lot.over.set()

    def _kept(self, sent: list[Sent]) -> list[bool]:
        with self._app.app_context():
            try:
                return keep_all(sent)
            except Exception:
                # Else SQLAlchemy takes a COMMIT that failed for the end of the transaction.
                db.session.rollback()
                raise
