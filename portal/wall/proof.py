"""The proof: every statement is refused that does not carry the criteria of what it reads.

While SQL is compiled, the compiler notes each table at its own level of nesting and each
criterion. The verdict is kept with the compiled statement and asked before every execution. Text
cannot be judged and is refused, wherever in a statement it stands.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Table, event
from sqlalchemy.sql.visitors import iterate

from portal.wall.elements import Criterion
from portal.wall.scope import NOBODY, current, going_around
from portal.wall.walls import Wall, WallError, tables_of_models, walls_by_table

# True while the unit of work writes: its rows are checked one by one before (see writes.py).
flushing: ContextVar[bool] = ContextVar("flushing", default=False)

# The execution option of an ORM INSERT whose values were checked.
CHECKED = object()

# What may be said in text: a name, a number, ``*``; operators made of signs or these words.
_PLAIN = re.compile(r"[\w.*]*|'%'")  # '%' is what contains() puts around its text
_OPERATOR = re.compile(r"[^\w\s()'\";]+|(?i:(not )?(like|ilike|regexp|match|glob|collate))")
_SELECT = re.compile(r"\b(select|table)\b", re.IGNORECASE)
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_HINT = re.compile(r"INDEXED BY \w+")

# Functions that run the SQL they are given, read files or change the settings of the policies.
_FUNCTIONS = re.compile(
    r"(query|table|cursor|schema|database)_to_xml.*|ts_(stat|rewrite)|set_config|dblink.*"
    r"|lo_.*|pg_(read|ls|stat)_.*|load_extension|readfile|writefile|edit|eval|fts.*"
)


class Place(NamedTuple):
    """A table or an alias at one level of a statement."""

    level: int
    name: str


@dataclass
class Notes:
    """What the compiler saw."""

    tables: list[tuple[Place, Table, bool]] = field(default_factory=list)
    covered: set[tuple[Place, Wall]] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    selects: int = 0
    # Keeps the statements of all levels alive, so that no two have the same id().
    levels: list[Any] = field(default_factory=list)


class Verdict(NamedTuple):
    """Which tables lack which wall's criterion, and what nobody may execute."""

    faults: tuple[str, ...]
    read: dict[Wall, tuple[str, ...]]
    written: dict[Wall, tuple[str, ...]]
    walled: bool


class Proving:
    """Mixed into a dialect's compiler."""

    stack: list[Any]

    @property
    def notes(self) -> Notes:
        return self.__dict__.setdefault("_wall_notes", Notes())

    def _place(self, name: Any) -> Place:
        level = self.stack[-1]["selectable"] if self.stack else None
        self.notes.levels.append(level)
        return Place(id(level), str(name))

    def note_covered(self, column: Any, wall: Wall) -> None:
        self.notes.covered.add((self._place(column.table.name), wall))

    def _fault(self, what: str) -> None:
        self.notes.faults.append(what)

    def visit_table(
        self, table: Any, asfrom: bool = False, iscrud: bool = False, **options: Any
    ) -> str:
        if options.get("within_tstring"):
            self._fault("a table in text")
        if asfrom or iscrud:
            alias = options.get("enclosing_alias")
            name = alias.name if alias is not None and alias.element is table else table.name
            if isinstance(table, Table) and table in walls_by_table():
                self.notes.tables.append((self._place(name), table, iscrud))
            else:
                self._fault(f"unknown table {table.name}")
        return super().visit_table(table, asfrom=asfrom, iscrud=iscrud, **options)  # type: ignore[misc]  # mixin

    def visit_select(self, *arguments: Any, **options: Any) -> str:
        self.notes.selects += 1
        return super().visit_select(*arguments, **options)  # type: ignore[misc]  # mixin

    def visit_textclause(self, *arguments: Any, **options: Any) -> str:
        self._fault("text()")
        return super().visit_textclause(*arguments, **options)  # type: ignore[misc]  # mixin

    def visit_tstring(self, *arguments: Any, **options: Any) -> str:
        self._fault("tstring()")
        return super().visit_tstring(*arguments, **options)  # type: ignore[misc]  # mixin

    def visit_column(self, column: Any, *arguments: Any, **options: Any) -> str:
        if column.is_literal and not _PLAIN.fullmatch(column.name):
            self._fault("literal_column()")
        return super().visit_column(column, *arguments, **options)  # type: ignore[misc]  # mixin

    def visit_join(self, join: Any, *arguments: Any, **options: Any) -> str:
        if join.full:
            self._fault("FULL JOIN")
        if join.isouter and _judges_the_left(join):
            self._fault("a criterion of the left side in the ON of an outer join")
        return super().visit_join(join, *arguments, **options)  # type: ignore[misc]  # mixin

    def visit_function(self, func: Any, *arguments: Any, **options: Any) -> str:
        if _FUNCTIONS.fullmatch(func.name.lower()):
            self._fault(f"{func.name}()")
        return super().visit_function(func, *arguments, **options)  # type: ignore[misc]  # mixin

    def visit_extract(self, extract: Any, **options: Any) -> str:
        if not _PLAIN.fullmatch(extract.field):
            self._fault("extract()")
        return super().visit_extract(extract, **options)  # type: ignore[misc]  # mixin

    def visit_custom_op_binary(self, element: Any, operator: Any, **options: Any) -> str:
        self._judge_operator(operator)
        return super().visit_custom_op_binary(element, operator, **options)  # type: ignore[misc]  # mixin

    def visit_custom_op_unary_operator(self, element: Any, operator: Any, **options: Any) -> str:
        self._judge_operator(operator)
        return super().visit_custom_op_unary_operator(element, operator, **options)  # type: ignore[misc]  # mixin

    def visit_custom_op_unary_modifier(self, element: Any, operator: Any, **options: Any) -> str:
        self._judge_operator(operator)
        return super().visit_custom_op_unary_modifier(element, operator, **options)  # type: ignore[misc]  # mixin

    def _judge_operator(self, operator: Any) -> None:
        if not _OPERATOR.fullmatch(operator.opstring.strip()):
            self._fault(f"operator {operator.opstring!r}")

    def get_statement_hint_text(self, *arguments: Any) -> str:
        self._fault("a hint")
        return super().get_statement_hint_text(*arguments)  # type: ignore[misc]  # mixin

    def get_from_hint_text(self, table: Any, hint: str) -> str:
        """Say by which index SQLite reads a table; its dialect leaves hints out."""
        if not _HINT.fullmatch(hint):
            self._fault("a hint")
        return hint

    def visit_insert(self, statement: Any, *arguments: Any, **options: Any) -> str:
        self._judge_nesting()
        return super().visit_insert(statement, *arguments, **options)  # type: ignore[misc]  # mixin

    def visit_update(self, statement: Any, *arguments: Any, **options: Any) -> str:
        self._judge_nesting()
        return super().visit_update(statement, *arguments, **options)  # type: ignore[misc]  # mixin

    def visit_delete(self, statement: Any, *arguments: Any, **options: Any) -> str:
        self._judge_nesting()
        return super().visit_delete(statement, *arguments, **options)  # type: ignore[misc]  # mixin

    def _judge_nesting(self) -> None:
        if self.stack:
            self._fault("a statement that writes inside of another")


def _judges_the_left(join: Any) -> bool:
    left = {str(table.name) for table in join.left._from_objects if hasattr(table, "name")}
    return any(
        str(next(iter(part.clauses)).table.name) in left
        for part in iterate(join.onclause)
        if isinstance(part, Criterion)
    )


class StrictNames:
    """Mixed into a dialect's preparer: a name is quoted or plain, whatever it says of itself."""

    def quote(self, ident: str) -> str:
        if getattr(ident, "quote", None) is False and not _PLAIN.fullmatch(ident):
            raise WallError(f"a name in text: {ident[:80]}")
        return super().quote(ident)  # type: ignore[misc]  # mixin


def install(engine: Engine) -> None:
    """Make ``engine`` compile with proof and refuse what is not covered."""
    dialect: Any = engine.dialect
    if not issubclass(dialect.statement_compiler, Proving):
        dialect.statement_compiler = _with(Proving, dialect.statement_compiler)
        dialect.preparer = _with(StrictNames, dialect.preparer)
        dialect.identifier_preparer = dialect.preparer(dialect)
    event.listen(engine, "before_cursor_execute", _prove)


def _with(mixin: type, cls: type) -> type:
    return type(f"{mixin.__name__}{cls.__name__}", (mixin, cls), {})


def _prove(
    connection: Connection,
    cursor: Any,
    statement: str,
    parameters: Any,
    context: Any,
    executemany: bool,
) -> None:
    if going_around():
        return
    compiled = context.compiled if context is not None else None
    if not isinstance(compiled, Proving):
        raise WallError(f"this cannot be judged: {statement[:80]}")
    refusal = _refusal(compiled, context)
    if refusal:
        raise WallError(refusal)


def _refusal(compiled: Any, context: Any) -> str | None:
    verdict = _verdict(compiled)
    if verdict.faults:
        return f"not allowed: {', '.join(verdict.faults)}"
    by_unit_of_work = flushing.get() and "compiled_cache" in context.execution_options
    checked = by_unit_of_work or context.execution_options.get("wall") is CHECKED
    if compiled.isinsert or compiled.isupdate or compiled.isdelete:
        table = compiled.statement.table
        if walls_by_table().get(table) and table not in tables_of_models():
            return f"{table.name} is written without a model"
        if compiled.isinsert and not checked and walls_by_table().get(table):
            return f"INSERT into {table.name} without a check of its values"
    scope = current()
    if scope is NOBODY and verdict.walled:
        return "nobody is asking: enter a scope first"
    missing = verdict.written if checked else verdict.read
    for wall in scope.walls:
        if wall in missing:
            tables = ", ".join(missing[wall])
            return f"not covered by the {wall} wall: {tables}; name the model in select_from()"
    return None


def _verdict(compiled: Any) -> Verdict:
    found = compiled.__dict__.get("_wall_verdict")
    if found is None:
        found = compiled.__dict__["_wall_verdict"] = _judge(compiled)
        compiled.__dict__.pop("_wall_notes", None)
    return found


def _selects(statement: str) -> int:
    """Count what reads a table, outside of quotes."""
    return len(_SELECT.findall(_QUOTED.sub("", statement)))


def _judge(compiled: Any) -> Verdict:
    notes: Notes = compiled.notes
    read: dict[Wall, tuple[str, ...]] = {}
    written: dict[Wall, tuple[str, ...]] = {}
    tables: dict[Place, Table] = {}
    for place, table, is_target in notes.tables:
        if tables.setdefault(place, table) is not table:
            notes.faults.append(f"two tables named {place.name}")
        for wall in walls_by_table()[table]:
            if (place, wall) in notes.covered:
                continue
            read[wall] = (*read.get(wall, ()), table.name)
            if not is_target:
                written[wall] = (*written.get(wall, ()), table.name)
    if not compiled.isinsert and _selects(compiled.string) != notes.selects:
        notes.faults.append("a SELECT in text")
    walled = any(walls_by_table()[table] for _, table, _ in notes.tables)
    return Verdict(tuple(notes.faults), read, written, walled)
