"""What a report's chart draws: the rows of its table, the first of them where there are many."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.reports.drawing import crossed, groups, spans
from portal.reports.drawing.parts import Drawing, figures, kind_of, measures_of
from portal.reports.tables import Table

__all__ = ["Drawing", "draw"]


def draw(table: Table) -> Drawing | None:
    """Return the chart of a table; None where there is nothing to draw."""
    kind = kind_of(table)
    if kind == "none" or not table.rows:
        return None
    if kind == "spans":
        return spans.draw(table)
    if kind in ("funnel", "histogram"):
        return _totals(table, "funnel" if kind == "funnel" else "columns")
    if not table.asked.by:
        return None
    table, alike, others = groups.on_one_scale(table)
    if not table.rows:
        return None
    if crossed.suits(table):
        return crossed.draw(table, alike)
    return groups.draw(table, alike, others)


def _totals(table: Table, kind: str) -> Drawing:
    """Draw the totals of several measures: steps that are parts of the first, or bands."""
    rows = [
        figures(str(one.label), [(one, table.total.value(one))]) | {"tick": str(one.label)}
        for one in measures_of(table)
    ]
    return Drawing(kind, [_("Total")], rows)
