"""The first wall: what every statement has to ask for, whoever wrote it.

The criteria of all classes travel as ONE option with a constant cache key: the values are bound
when the statement runs, so that compiled statements are shared by everybody. A closure here, or
one option for each class, would either mix up people or cost a millisecond a query.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    event,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Mapper, aliased
from sqlalchemy.orm.interfaces import CriteriaOption
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql.util import _deep_annotate
from sqlalchemy.sql.visitors import InternalTraversal

from portal.database import (
    CompanyRoot,
    MaybeOwned,
    PersonOwned,
    ProjectRoot,
    ProjectRow,
    ProjectShared,
    SharedPart,
)
from portal.wall.elements import (
    USER,
    Criterion,
    InScope,
    LookedUpInScope,
    PeopleCriterion,
    ProjectCriterion,
    of_company,
    of_project,
)
from portal.wall.walls import Wall, WallError, walled_classes, walls_of_class

_looked_up: set[Any] = set()


def looked_up(cls: Any, name: str) -> Any:
    """Return an alias of ``cls`` whose rows are found by something else first, one after the other.

    So in a subquery that runs once for each row around it: there PostgreSQL would join the list of
    projects again each time, which costs 299 projects 150 steps a row. A shared object is then
    looked up in its memberships; else PostgreSQL may begin with all that are seen.
    To be called once for a module, not for each statement.
    """
    alias = aliased(cls, name=name)
    _looked_up.add(alias)
    return alias


def _in_projects(cls: type[ProjectShared], entity: Any) -> Criterion:
    return ProjectCriterion(entity.id, _is_linked(entity.id, cls, entity in _looked_up))


def _is_linked(
    column: ColumnElement[Any], cls: type[ProjectShared], one_by_one: bool
) -> ColumnElement[bool]:
    if not one_by_one:
        return column.in_(_linked(cls))
    own = _linked(cls, LookedUpInScope).where(cls.Link.__table__.c.object_id == column)
    return column.in_(own).is_(true())


def _linked(cls: type[ProjectShared], in_scope: type[InScope] = InScope) -> Select[Any]:
    """Shared objects: IN, not EXISTS, which SQLite runs 1,000 times slower on counts."""
    link = cls.Link.__table__.c
    seen = of_project(link.project_id, in_scope)
    return select(link.object_id).where(of_company(link.company_id), seen)


def _of_parts(cls: Any, entity: Any) -> Criterion:
    columns = [(getattr(entity, f"{part}_id"), part) for part in cls.parts]
    seen = [
        _is_linked(column, cls.__mapper__.relationships[part].mapper.class_, entity in _looked_up)
        for column, part in columns
    ]
    return ProjectCriterion(columns[0][0], and_(*seen))


def _of_people(cls: Any, entity: Any) -> Criterion:
    """Say whom one sees: oneself, one's groups, and who or what is in one's projects."""
    tables = cls.metadata.tables
    memberships, direct = tables["group_users"].c, tables["project_users"].c
    groups = _groups_in_projects(tables["project_groups"])
    mine = select(memberships.group_id).where(
        of_company(memberships.company_id),
        PeopleCriterion(memberships.user_id, memberships.user_id == USER),
    )
    in_scope = LookedUpInScope if entity in _looked_up else InScope
    members = select(direct.user_id).where(
        of_company(direct.company_id), of_project(direct.project_id, in_scope)
    )
    by_group = select(memberships.user_id).where(
        of_company(memberships.company_id),
        PeopleCriterion(memberships.group_id, memberships.group_id.in_(groups)),
    )
    if entity in _looked_up:  # one person's memberships, instead of everybody's in a hash table
        members = members.where(direct.user_id == entity.id)
        by_group = by_group.where(memberships.user_id == entity.id)
    ways: tuple[Any, ...]
    match cls.__table__.name:
        case "users":
            column, ways = (
                entity.id,
                (entity.id == USER, entity.id.in_(members), entity.id.in_(by_group)),
            )
        case "groups":
            column = entity.id
            ways = (column.in_(groups), column.in_(mine))
        case "group_users":
            column = entity.group_id
            ways = (entity.user_id == USER, column.in_(groups), column.in_(mine))
        case "presences" | "presence_days":
            column = entity.operator_id
            ways = (column == USER, column.in_(members), column.in_(by_group))
        case other:
            raise WallError(f"nothing says who of {other} is seen")
    return PeopleCriterion(column, or_(*ways))


def _groups_in_projects(table: Table) -> Select[Any]:
    return select(table.c.group_id).where(
        of_company(table.c.company_id), of_project(table.c.project_id)
    )


def _criterion_of(cls: Any, wall: Wall, entity: Any) -> Criterion:
    match wall:
        case Wall.COMPANY:
            return of_company(entity.id if issubclass(cls, CompanyRoot) else entity.company_id)
        case Wall.PEOPLE:
            return _of_people(cls, entity)
    if issubclass(cls, PersonOwned):
        return ProjectCriterion(entity.person_id, entity.person_id == USER)
    in_scope = LookedUpInScope if entity in _looked_up else InScope
    if issubclass(cls, (ProjectRow, MaybeOwned)):
        return of_project(entity.project_id, in_scope)
    if issubclass(cls, SharedPart):
        return _of_parts(cls, entity)
    return (
        of_project(entity.id, in_scope)
        if issubclass(cls, ProjectRoot)
        else _in_projects(cls, entity)
    )


def condition(cls: type, walls: frozenset[Wall], entity: Any = None) -> ColumnElement[bool] | None:
    """Return what rows of ``cls``, or of its alias ``entity``, must be behind ``walls``."""
    entity = cls if entity is None else entity
    parts = [_criterion_of(cls, wall, entity) for wall in sorted(walls & walls_of_class(cls))]
    return and_(*parts) if parts else None


class _ClassCriteria(LoaderCriteriaOption):
    """The criteria of one class, made for the very alias that a statement uses.

    The library's own option does not adapt an expression to an alias that is joined by hand, and
    takes a function only together with its machinery for lambdas.
    """

    __slots__ = ("walls",)

    def __init__(self, cls: type, walls: frozenset[Wall]) -> None:
        super().__init__(cls, true(), include_aliases=True)
        self.walls = walls

    def _resolve_where_criteria(self, ext_info: Any) -> Any:
        criteria: Any = condition(ext_info.mapper.class_, self.walls, ext_info.entity)
        return _deep_annotate(
            criteria,
            {"for_loader_criteria": self},
            detect_subquery_cols=True,
            ind_cols_on_fromclause=True,
        )


class WallOption(CriteriaOption):
    """The criteria of all walled classes behind one set of walls."""

    __slots__ = ("criteria", "name")
    _cache_key_traversal = [("name", InternalTraversal.dp_string)]
    propagate_to_loaders = True

    def __init__(self, walls: frozenset[Wall]) -> None:
        self.name = "+".join(sorted(walls))
        self.criteria = [
            _ClassCriteria(cls, walls)
            for cls in walled_classes()
            if cls.__mapper__.inherits is None  # type: ignore[attr-defined]  # mapped
        ]

    def process_compile_state(self, compile_state: Any) -> None:
        self.get_global_criteria(compile_state.global_attributes)

    def process_compile_state_replaced_entities(
        self, compile_state: Any, mapper_entities: Any
    ) -> None:
        self.process_compile_state(compile_state)

    def get_global_criteria(self, attributes: dict[Any, Any]) -> None:
        for option in self.criteria:
            option.get_global_criteria(attributes)


@cache
def option(walls: frozenset[Wall]) -> WallOption:
    return WallOption(walls)


@event.listens_for(Mapper, "after_mapper_constructed")
def _forget(mapper: Mapper[Any], cls: type) -> None:
    option.cache_clear()
