"""PostgreSQL as a real server of the tests' own: started in a second, databases made in milliseconds."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

MISSING = (
    "PostgreSQL is not installed: these tests start a server of their own "
    "(apt-get install postgresql, or brew install postgresql; initdb must be found)."
)
USER = "genservice"
PASSWORD = "horse battery"
# Ends the server when whoever started it goes, however that was: the pipe on its input then closes.
GUARDED = """
exec 3<&0
"$@" & server=$!
(read -r _ <&3; : > "$0/over"; kill -QUIT $server) & guard=$!
wait $server
if [ -e "$0/over" ]; then rm -rf "$0"; else kill $guard; fi
"""
# Tests kill the server, never the machine, so nothing needs to wait for the disk.
FAST = (
    "fsync=off", "full_page_writes=off", "shared_buffers=32MB",
    "min_wal_size=32MB", "max_wal_size=64MB", "autovacuum=off",
)  # fmt: skip

Stopping = Literal["SIGINT", "SIGQUIT"]
"""What PostgreSQL calls a fast and an immediate shutdown."""


class PostgresServer:
    """One server in a folder of its own, reached by a socket in it or by TCP with a password.

    Args:
        folder: Owned by `owner`.
        owner: The user it runs as; None is the one of this process.
        bin_folder: Where `initdb` and `postgres` are.
        user: The superuser.
    """

    def __init__(
        self, folder: Path, *, owner: str | None, bin_folder: Path, user: str = USER
    ) -> None:
        self.folder = folder
        self.user = user
        self.port = _free_port()
        self._as_owner: dict[str, Any] = {}
        if owner is not None:
            self._as_owner = {"user": owner, "group": _group(owner), "extra_groups": []}
        self._bin = bin_folder
        self._process: subprocess.Popen[bytes] | None = None
        self._names = (f"t{number}" for number in itertools.count(1))

    def create(self) -> None:
        """Make the cluster's files."""
        (self.folder / "password").write_text(PASSWORD)
        (self.folder / "password").chmod(0o644)
        made = subprocess.run(
            [
                self._bin / "initdb", f"--pgdata={self.folder / 'data'}", f"--username={self.user}",
                f"--pwfile={self.folder / 'password'}", "--auth-local=trust",
                "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
                "--no-instructions",
            ],
            **self._as_owner, cwd=self.folder, capture_output=True, check=False,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr.decode()

    def start(self, *settings: str) -> None:
        """Start it, and return once it answers."""
        deadline = time.monotonic() + 60
        self._launch(settings)
        while True:
            try:
                return psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, (self.folder / "log").read_text()[-2000:]
                time.sleep(0.02)
                if self._process is not None and self._process.poll() is not None:
                    # Of one that was killed, the last child may still hold the memory they shared.
                    self._launch(settings)

    def _launch(self, settings: tuple[str, ...]) -> None:
        options = (*FAST, f"unix_socket_directories={self.folder}", f"port={self.port}", *settings)
        command = [self._bin / "postgres", "-D", self.folder / "data", "-h", "127.0.0.1"]
        command += [part for option in options for part in ("-c", option)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", GUARDED, str(self.folder), *map(str, command)],
                **self._as_owner, cwd=self.folder, stdin=subprocess.PIPE, stdout=log, stderr=log,
                # What interrupts the tests would interrupt the shell too, which is to clean up then.
                start_new_session=True,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        """The process of the postmaster."""
        return int((self.folder / "data/postmaster.pid").read_text().split()[0])

    def stop(self, how: Stopping = "SIGINT") -> None:
        """Stop it, and return once it has ended; its files stay."""
        os.kill(self.pid, signal.Signals[how])
        deadline = time.monotonic() + 60
        while (self.folder / "data/postmaster.pid").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        self._let_go()

    def kill(self) -> None:
        """End it as a machine that loses its power would; its files stay."""
        os.kill(self.pid, signal.SIGKILL)
        self._let_go()

    def backends(self, database: str) -> list[int]:
        """The processes that serve connections to a database."""
        found = self.run("SELECT datname, pid FROM pg_stat_activity")
        return [pid for name, pid in found if name == database]

    def close(self) -> None:
        """End it and leave nothing behind."""
        process, self._process = self._process, None
        if process is not None:
            # The shell finds its input closed, and ends the server.
            process.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """Where a database is, over the socket."""
        return (
            f"postgresql://{self.user}@/{database}?host={quote(str(self.folder))}&port={self.port}"
        )

    def tcp_url(self, database: str) -> str:
        """The same over TCP, as users type it, password included."""
        return f"postgresql://{self.user}:{quote(PASSWORD)}@127.0.0.1:{self.port}/{database}"

    def new_database(self, template: str = "template0") -> str:
        """The name of a database just made, empty or like its template."""
        name = next(self._names)
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def run(self, statement: str, database: str = "postgres") -> list[tuple]:
        """What a statement answers, run by itself."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type] # the tests' own words
            return cursor.fetchall() if cursor.description else []

    def _let_go(self) -> None:
        process, self._process = self._process, None
        assert process is not None
        # Before its input is closed, at which it would remove the files.
        process.wait()
        process.communicate()


def bin_folder() -> Path:
    """Where PostgreSQL's programs are.

    Raises:
        AssertionError: It is not installed; says how to.
    """
    # Debian keeps them off the path, a folder for each version.
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: int(path.parts[-3]), default=None)
    found = newest or shutil.which("initdb")
    assert found, MISSING
    return Path(found).resolve().parent


@contextmanager
def running_postgres(user: str = USER) -> Iterator[PostgresServer]:
    """A server of its own until the block ends, or this process does."""
    programs = bin_folder()
    folder = Path(tempfile.mkdtemp(prefix="genservice-postgres-", dir=_quickest()))
    owner = _unprivileged() if os.geteuid() == 0 else None
    if owner is not None:
        shutil.chown(folder, owner, _group(owner))
    server = PostgresServer(folder, owner=owner, bin_folder=programs, user=user)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.close()


def _quickest() -> str:
    # A database is hundreds of files: in memory they are made in a tenth of the time. Neither is the
    # folder of the test: a socket's path has at most 107 bytes, and root's folders keep others out.
    memory = Path("/dev/shm")  # noqa: S108 - what is made in it is made for us only
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2**30
    return str(memory) if roomy else "/tmp"  # noqa: S108 - as above


def _unprivileged() -> str:
    # PostgreSQL refuses to run as root. Its packages bring a user of this name.
    users = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in users else "nobody"


def _group(owner: str) -> int:
    return pwd.getpwnam(owner).pw_gid


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
