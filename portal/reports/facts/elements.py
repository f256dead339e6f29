"""The parts of JSON lists as rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class Elements(FunctionElement[Any]):
    """``Elements(list)``: its elements, one a row; none of what is no list."""

    name = "elements"
    type = JSON()
    inherit_cache = True


@compiles(Elements, "postgresql")
def _on_postgresql(element: Elements, compiler: Any, **options: Any) -> str:
    return f"json_array_elements({compiler.process(element.clauses, **options)})"


@compiles(Elements, "sqlite")
def _on_sqlite(element: Elements, compiler: Any, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


def elements(of: Any, name: str) -> Any:
    """Return the rows of a list in a row before; each has a ``value``."""
    return Elements(of).table_valued(column("value", JSON), name=name, joins_implicitly=True)
