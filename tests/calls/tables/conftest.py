"""A source of calls whose tables are followed."""

from __future__ import annotations

import pytest

from portal.calls.operations import create_source
from portal.extensions import db
from portal.wall.scope import current, unscoped
from tests.factories import building, company


@pytest.fixture
def source(app):
    with building(app):
        company()
        made = create_source(current().company_id, "pbx", "UTC")
        db.session.commit()
        with unscoped("calls come for every project, and for none"):
            yield made
