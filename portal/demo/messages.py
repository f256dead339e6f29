"""Messages that the demo's gateways have sent: taken in as the rows of their lists are."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING

from sqlalchemy import select

from portal.demo.cast import THEMES
from portal.extensions import db
from portal.imports.targets import messages as target
from portal.objects.kinds.template import NotificationTemplate

if TYPE_CHECKING:
    from portal.demo.loading import Stage

_DAYS, _A_DAY = 30, 3
_NUMBERS = {"pl": "+48500000", "tr": "+9050000", "en": "+447700900"}
_STATUSES, _SHARES = ("delivered", "sent", "failed"), (0.9, 0.06, 0.04)


def load(stage: Stage, now: dt.datetime, seed: int) -> None:
    """Take in what was sent for each project, of the templates that it has."""
    chance = random.Random(seed)  # noqa: S311  # the same demo each time, nothing secret
    link = NotificationTemplate.Link
    for theme in THEMES:
        project = stage.projects[theme.name]
        inside = select(link.object_id).where(link.project_id == project.id)
        templates = list(
            db.session.scalars(
                select(NotificationTemplate)
                .where(NotificationTemplate.id.in_(inside))
                .order_by(NotificationTemplate.name_key)
            )
        )
        if not templates:
            continue
        options = {"project": str(project.id), "currency": "PLN"}
        into = target.prepare(options)
        rows = [
            target.check(_row(one, theme.language, now, number, chance), into)
            for number in range(_DAYS * _A_DAY)
            for one in [chance.choice(templates)]
        ]
        target.write(rows, target.judge(rows, into), into)


def _row(
    template: NotificationTemplate,
    language: str,
    now: dt.datetime,
    number: int,
    chance: random.Random,
) -> dict[str, str]:
    """Return a row of a gateway's list: a message costs by its parts, an e-mail next to nothing."""
    is_sms = template.channel == "sms"
    parts = chance.choice((1, 1, 1, 2)) if is_sms else 1
    at = now - dt.timedelta(days=number // _A_DAY, minutes=chance.randrange(5, 600))
    phone = f"{_NUMBERS[language]}{chance.randrange(1000):03}"
    return {
        "sent_at": at.isoformat(timespec="seconds"),
        "recipient": phone if is_sms else f"klient{chance.randrange(1000)}@example.com",
        "template": template.name,
        "status": chance.choices(_STATUSES, _SHARES)[0],
        "parts": str(parts),
        "cost": f"{0.07 * parts if is_sms else 0.002:.3f}",
        "reference": f"{template.channel}-{number}-{chance.randrange(10**6):06}",
    }
