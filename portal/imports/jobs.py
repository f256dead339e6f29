"""The job that takes rows in."""

from __future__ import annotations

import uuid
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.imports import running
from portal.jobs.progress import Progress
from portal.jobs.registry import job


def _page(arguments: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "imports.show", {"upload_id": uuid.UUID(arguments["import_id"])}


@job("import_rows", label=_l("Import"), permission=Permission.IMPORT_DATA, page=_page)
def run(progress: Progress, *, import_id: str) -> dict[str, Any]:
    return running.run(progress, uuid.UUID(import_id))
