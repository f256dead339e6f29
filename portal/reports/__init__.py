"""Reports: one definition each, from which page, totals, chart, drill-down and exports are made.

A report is one module in :mod:`.catalogue`, found by itself. What it is made of is defined in
:mod:`.terms`: read that first.
"""
