"""Following all sources at once, or one of them."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterable

from flask import Flask
from sqlalchemy.exc import OperationalError

from portal.calls.following.sources import Follower, to_follow

Source = tuple[int, uuid.UUID]
_LOOK_S = 0.5  # between two rounds
_PAUSE_S = 5.0  # after the portal's own database was away


def follow(
    app: Flask,
    stopping: threading.Event,
    wanted: Callable[[], Iterable[Source]] = to_follow,
) -> None:
    """Look at the ``wanted`` sources, each as often as it says, until ``stopping`` is set."""
    followers: dict[Source, Follower] = {}
    while not stopping.is_set():
        with app.app_context():
            try:
                followers = {
                    source: followers.get(source) or Follower(*source) for source in wanted()
                }
                for follower in followers.values():
                    if follower.due <= time.monotonic() and not stopping.is_set():
                        follower.look()
            except OperationalError:
                app.logger.exception("the database is away; following goes on later")
                stopping.wait(_PAUSE_S)
        stopping.wait(_LOOK_S)
