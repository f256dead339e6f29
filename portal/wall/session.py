"""The session of the portal: whatever goes through it is walled."""

from __future__ import annotations

from typing import Any, NoReturn
from weakref import WeakKeyDictionary

from flask_sqlalchemy.session import Session
from sqlalchemy import Result, event
from sqlalchemy.orm import LoaderCallableStatus, ORMExecuteState

from portal.wall import criteria, memory, proof, writes
from portal.wall.criteria import WallOption
from portal.wall.scope import Scope, current, going_around
from portal.wall.walls import WallError, walls_of_class

# The execution option of a SELECT of columns only, all of whose rows are fetched at once: they are
# taken as the driver gives them. To look for objects in them takes longer than a short query.
PLAIN = "plain"


class WalledSession(Session):
    def flush(self, objects: Any = None) -> None:
        token = proof.flushing.set(True)
        try:
            super().flush(objects)
        finally:
            proof.flushing.reset(token)

    def _identity_lookup(self, *arguments: Any, **options: Any) -> Any:
        """Look again in the database for what was loaded when somebody else was asking."""
        found = super()._identity_lookup(*arguments, **options)
        if found is None or isinstance(found, LoaderCallableStatus) or memory.is_seen(found):
            return found
        return None

    def _refuse_bulk(self, *arguments: Any, **options: Any) -> NoReturn:
        raise WallError("bulk methods pass by the wall: use add_all() or execute(insert(Model))")

    bulk_save_objects = bulk_insert_mappings = bulk_update_mappings = _refuse_bulk


event.listen(WalledSession, "before_flush", writes.before_flush)
event.listen(WalledSession, "after_attach", writes.on_attach)


@event.listens_for(WalledSession, "do_orm_execute")
def _on_execute(execution: ORMExecuteState) -> Result[Any] | None:
    if going_around():
        _set_option(execution, None)
    elif execution.is_select:
        if execution.is_column_load:
            _cover_column_load(execution, current())
        _set_option(execution, criteria.option(current().walls))
        if PLAIN in execution.execution_options:
            return _plain(execution)
    elif execution.is_update or execution.is_delete:
        writes.check_bulk(execution)
        _set_option(execution, criteria.option(current().walls))
    elif execution.is_insert and writes.check_insert(execution):
        execution.update_execution_options(wall=proof.CHECKED)
    return None


def _plain(execution: ORMExecuteState) -> Result[Any]:
    """Execute a statement that has its criteria, leaving out what makes objects of rows."""
    session = execution.session
    session.flush()
    return session.connection().execute(execution.statement, execution.parameters)


# Statements with the option, by the statement without: one that is executed again and again, and
# the key by which its compiled form is found, are made once.
_optioned: WeakKeyDictionary[Any, dict[WallOption | None, Any]] = WeakKeyDictionary()


def _set_option(execution: ORMExecuteState, wanted: WallOption | None) -> None:
    statement: Any = execution.statement
    if hasattr(statement, "_with_options"):
        kept = _optioned.get(statement, {})
        if wanted not in kept:
            optioned = _with_option(statement, wanted)
            if optioned is statement:  # kept by itself it would never go
                return
            kept[wanted] = optioned
            _optioned[statement] = kept
        execution.statement = kept[wanted]


def _with_option(statement: Any, wanted: WallOption | None) -> Any:
    """Give the statement the wall's option, and take out one that it brought from elsewhere."""
    options = statement._with_options
    stale = [o for o in options if isinstance(o, WallOption) and o is not wanted]
    if stale:
        statement = statement.options()
        statement._with_options = tuple(o for o in options if o not in stale)
    if wanted is not None and wanted not in statement._with_options:
        statement = statement.options(wanted)
    return statement


def _cover_column_load(execution: ORMExecuteState, scope: Scope) -> None:
    """Say where outright: SQLAlchemy does not apply loader criteria to a refresh."""
    mapper = execution.bind_mapper
    if mapper is None or not walls_of_class(mapper.class_):
        return
    condition = criteria.condition(mapper.class_, scope.walls)
    if condition is not None:
        execution.statement = execution.statement.where(condition)  # type: ignore[attr-defined]  # a Select
