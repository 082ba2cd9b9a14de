"""Queries that the dispatcher asks many times a second: their SQL is written once.

Django takes some ten times as long to write the SQL of such a query as SQLite takes to answer it. Here each
thread keeps the SQL, with what reads the rows; only what the query is given is new each time.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, DateTimeField, Expression, Field, Model, QuerySet, Value
from django.db.models.sql.compiler import SQLCompiler, SQLInsertCompiler
from django.db.models.sql.query import Query
from django.db.models.sql.subqueries import InsertQuery, UpdateQuery

type Values = Mapping[str, object]


class Given(Value):
    """Stands in a query for what it is given by this name each time, as a value of `output_field`."""

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(name, output_field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)

    def bound(self, value: object, connection: BaseDatabaseWrapper) -> object:
        """What the database's driver is handed."""
        return self.output_field.get_db_prep_value(value, connection)


class GivenKeys(Given):
    """Stands behind `__in` for a list of keys, however long."""

    def __init__(self, name: str) -> None:
        super().__init__(name, BigIntegerField())

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        if connection.vendor == "sqlite":
            return "(SELECT value FROM json_each(%s))", (self,)
        return "(SELECT unnest(%s::bigint[]))", (self,)

    def bound(self, value: object, connection: BaseDatabaseWrapper) -> object:
        keys = list(cast("list[int]", value))
        return json.dumps(keys) if connection.vendor == "sqlite" else keys


def moment(name: str) -> Given:
    return Given(name, DateTimeField())


def number(name: str) -> Given:
    return Given(name, BigIntegerField())


def column(model: type[Model], name: str) -> Given:
    """A value of that column, given by the column's name."""
    return Given(name, cast("Field[Any, Any]", model._meta.get_field(name)))


class PreparedQuery[Row]:
    """A query of rows. `compose` is called once in each thread, with `Given` where values will stand."""

    def __init__(self, compose: Callable[[], QuerySet[Any, Row]]) -> None:
        self._compose = compose
        self._here = threading.local()

    def rows(self, values: Values) -> list[Row]:
        connection = connections[DEFAULT_DB_ALIAS]
        # A test may lend its connection to other threads.
        if getattr(self._here, "connection", None) is not connection:
            self._here.rows, self._here.compiler = _composed(self._compose(), connection)
            self._here.connection = connection
        self._here.compiler.values = values
        return list(self._here.rows.all())


class PreparedUpdate:
    """An UPDATE of the rows that `compose` finds, to `columns`; both may hold `Given`."""

    def __init__(self, compose: Callable[[], QuerySet[Any, Any]], columns: Callable[[], Values]) -> None:
        self._compose = compose
        self._columns = columns
        self._here = threading.local()

    def change(self, values: Values) -> int:
        """Change the rows; answers how many there were."""
        connection = connections[DEFAULT_DB_ALIAS]
        if getattr(self._here, "connection", None) is not connection:
            self._here.sql, self._here.parameters = self._written(connection)
            self._here.connection = connection
        with transaction.mark_for_rollback_on_error(using=DEFAULT_DB_ALIAS), connection.cursor() as cursor:
            cursor.execute(self._here.sql, _bound(self._here.parameters, values, connection))
            return int(cursor.rowcount)

    def _written(self, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        query = cast(UpdateQuery, self._compose().query.chain(UpdateQuery))
        query.add_update_values(dict(self._columns()))
        return cast("tuple[str, tuple[Any, ...]]", query.get_compiler(connection=connection).as_sql())


class PreparedInsert:
    """New rows of a model, each with a value for every one of the `columns`; the others stay NULL."""

    def __init__(self, model: type[Model], *columns: str) -> None:
        self._model = model
        self._columns = columns
        self._here = threading.local()

    def add(self, rows: Sequence[Values]) -> None:
        connection = connections[DEFAULT_DB_ALIAS]
        if getattr(self._here, "connection", None) is not connection:
            self._here.sql, self._here.parameters = self._written(connection)
            self._here.connection = connection
        bound = [_bound(self._here.parameters, row, connection) for row in rows]
        with transaction.mark_for_rollback_on_error(using=DEFAULT_DB_ALIAS), connection.cursor() as cursor:
            cursor.executemany(self._here.sql, bound)

    def _written(self, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        query, given = InsertQuery(self._model), {name: column(self._model, name) for name in self._columns}
        fields = [one.output_field for one in given.values()]
        query.insert_values(fields, [self._model(**given)])
        [written] = cast(SQLInsertCompiler, query.get_compiler(connection=connection)).as_sql()
        return cast("tuple[str, tuple[Any, ...]]", written)


class _Compiler(SQLCompiler):
    """Writes its SQL once, and binds what it is given each time."""

    values: Values = {}
    _written: tuple[str, tuple[Any, ...]] | None = None
    _converters: dict[int, Any] | None = None

    def get_converters(self, expressions: list[Expression]) -> dict[int, Any]:
        if self._converters is None:
            self._converters = super().get_converters(expressions)
        return self._converters

    def as_sql(self, with_limits: bool = True, with_col_aliases: bool = False) -> tuple[str, tuple[Any, ...]]:
        if self._written is None:
            self._written = super().as_sql(with_limits, with_col_aliases)
        sql, parameters = self._written
        return sql, _bound(parameters, self.values, self.connection)


class _Query(Query):
    """Is always read by the same compiler; its copies are, too."""

    compiler_kept: _Compiler

    def get_compiler(
        self,
        using: str | None = None,
        connection: BaseDatabaseWrapper | None = None,
        elide_empty: bool = True,
    ) -> SQLCompiler:
        return self.compiler_kept


def _composed[Row](
    found: QuerySet[Any, Row], connection: BaseDatabaseWrapper
) -> tuple[QuerySet[Any, Row], _Compiler]:
    compiler = _Compiler(found.query, connection, DEFAULT_DB_ALIAS)
    found.query.__class__ = _Query
    cast(_Query, found.query).compiler_kept = compiler
    return found, compiler


def _bound(parameters: tuple[Any, ...], values: Values, connection: BaseDatabaseWrapper) -> tuple[Any, ...]:
    return tuple(
        one.bound(values[one.name], connection) if isinstance(one, Given) else one for one in parameters
    )
