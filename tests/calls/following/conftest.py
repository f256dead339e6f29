"""A company without anything, whose sources may follow files in the test's folder."""

from __future__ import annotations

import pytest

from tests.factories import building, company


@pytest.fixture
def built(app, tmp_path):
    app.config["FOLLOW_ROOTS"] = [str(tmp_path)]
    with building(app):
        company()
        yield app
