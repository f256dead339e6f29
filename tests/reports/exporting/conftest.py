from tests.reports.kept.conftest import office  # noqa: F401  # the same people
