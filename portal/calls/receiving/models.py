"""What exchanges have sent and no worker has read yet."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from portal.calls.evidence import CallSource
from portal.database import MaybeOwned, Ref, utcnow
from portal.extensions import db


class Delivery(MaybeOwned, db.Model):
    """One body as it was sent. It goes when its content is kept as evidence."""

    __tablename__ = "deliveries"
    __audit__ = False  # the run that reads it is told of

    source = Ref(CallSource)
    received_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    body: Mapped[bytes] = mapped_column(LargeBinary)
