"""The set-up of compose.yaml from the system's packages: its files, secrets and settings, in other places."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from ruamel.yaml import YAML

from genservice.cli import cli
from tests.haproxy import HAProxy, free_port, running_haproxy
from tests.postgres import PostgresServer, bin_folder, running_postgres
from tests.valkey import ValkeyServer, running_valkey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from click.testing import Result

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
PATIENCE = 180


def composed(*files: str) -> dict[str, Any]:
    """What Compose makes of these files: what a later one says of a service is put over the former's."""
    found: dict[str, Any] = {"services": {}, "secrets": {}}
    for file in files or ("compose.yaml", "compose.tls.yaml"):
        said = YAML(typ="safe").load(ROOT / file)
        found["secrets"] |= said["secrets"]
        for name, service in said["services"].items():
            held = found["services"].setdefault(name, {})
            for key, value in service.items():
                held[key] = _over(held.get(key), value)
    return found


def _over(held: Any, value: Any) -> Any:
    if isinstance(held, dict):
        return {**held, **value}
    return [*held, *value] if isinstance(held, list) else value


class Process:
    """One `genservice serve`, at the same port however often it is started."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.port = free_port()
        self._environment = environment
        self._log = log
        self._process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it wrote to its log, every time it ran."""
        return self._log.read_text()

    def start(self) -> None:
        """Start it; it may take a while until it is ready."""
        command = [sys.executable, "-m", "genservice", "serve", "--json"]
        command += ["--host=127.0.0.1", f"--port={self.port}"]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                command, env=self._environment, stdout=subprocess.PIPE, stderr=log, text=True
            )

    def first_key(self) -> str | None:
        """The key that it prints if there was none."""
        assert self._process is not None
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert said, self.log
        return json.loads(said)["key"]

    def wait_until_ready(self) -> None:
        """Return once requests should come."""
        until(self._is_ready)

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log[-4000:]
        return _status(f"{self.address}/health/ready") == 200

    def stop(self) -> int:
        """Tell it to stop, and return how it ended."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._ended()

    def kill(self) -> None:
        """End it as a machine that loses its power would."""
        if self._process is not None:
            self._process.kill()
            self._ended()

    def _ended(self) -> int:
        process, self._process = self._process, None
        assert process is not None
        process.communicate(timeout=PATIENCE)
        return process.returncode


def until(so: Callable[[], bool]) -> None:
    """Return once something holds."""
    deadline = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.05)


def _status(address: str) -> int | None:
    try:
        return httpx.get(address, trust_env=False).status_code
    except httpx.TransportError:
        return None


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """Everything of it, running."""

    address: str
    """Of the proxy."""
    certificate: Path
    """Whom to trust it by."""
    key: str
    """An admin's."""
    proxy: HAProxy
    postgres: PostgresServer
    valkey: ValkeyServer
    processes: tuple[Process, Process]
    environment: Mapping[str, str]
    """What the processes run in, and commands beside them may."""

    def client(self, key: str | None = None) -> httpx.Client:
        """Somebody who asks by the proxy."""
        return httpx.Client(
            base_url=self.address,
            verify=ssl.create_default_context(cafile=str(self.certificate)),
            headers={"Authorization": f"Bearer {key or self.key}"},
            trust_env=False,
            timeout=PATIENCE,
        )

    def command(self, *arguments: str) -> Result:
        """What `genservice` with these arguments does beside the service."""
        own = {
            name: value
            for name, value in self.environment.items()
            if name.startswith("GENSERVICE_")
        }
        return CliRunner().invoke(cli, arguments, env=own)


@contextmanager
def deployed(folder: Path, **settings: str) -> Iterator[Deployment]:
    """The whole set-up, answering, until the block ends.

    Args:
        folder: Where its files lie.
        settings: What the processes are to have otherwise than compose.yaml has it.
    """
    compose = composed()
    secrets = folder / "secrets"
    with ExitStack() as stack:
        postgres = stack.enter_context(running_postgres(user="postgres"))
        cache_port = free_port()
        _run(
            [DEPLOY / "make-secrets", secrets],
            DATABASE=f"127.0.0.1:{postgres.port}", CACHE=f"127.0.0.1:{cache_port}",
        )  # fmt: skip
        certificate = _make_certificate(secrets / "tls.pem", folder / "certificate.pem")
        given = {
            f"/run/secrets/{name}": str(secrets / Path(secret["file"]).name)
            for name, secret in compose["secrets"].items()
        }
        _run(
            [DEPLOY / "create-database"],
            PGHOST=str(postgres.folder), PGPORT=str(postgres.port), PGUSER="postgres", PGDATABASE="postgres",
            DATABASE_PASSWORD_FILE=str(secrets / "database.password"),
        )  # fmt: skip
        command = compose["services"]["valkey"]["command"][1:]
        mounted = {"/etc/valkey/valkey.conf": str(DEPLOY / "valkey.conf"), **given}
        valkey = stack.enter_context(
            running_valkey(
                [mounted.get(argument, argument) for argument in command],
                (secrets / "cache.password").read_text().strip(),
                cache_port,
            )
        )
        environment = {
            **_around(),
            **{name: given.get(value, value) for name, value in compose["services"]["genservice-1"]["environment"].items()},
            # The volume, and where the proxy is.
            "GENSERVICE_KEYSTORE": str(folder / "keystore"),
            "GENSERVICE_DATA": str(folder / "data"),
            "GENSERVICE_TRUSTED_PROXIES": "127.0.0.1",
            **settings,
        }  # fmt: skip
        processes = tuple(Process(environment, folder / f"process-{n}.log") for n in (1, 2))
        for process in processes:
            stack.callback(process.kill)
            process.start()
        key = next(filter(None, [process.first_key() for process in processes]))
        for process in processes:
            process.wait_until_ready()
        port = free_port()
        bind = compose["services"]["proxy"]["environment"]["PROXY_BIND"]
        proxied = {
            "PROXY_BIND": bind.replace(":8080", f"127.0.0.1:{port}").replace("/run/secrets/tls", given["/run/secrets/tls"]),
            **{f"PROCESS_{n}": f"127.0.0.1:{process.port}" for n, process in enumerate(processes, 1)},
        }  # fmt: skip
        yield Deployment(
            address=f"https://localhost:{port}",
            certificate=certificate,
            key=key,
            proxy=stack.enter_context(
                running_haproxy(DEPLOY / "proxy/haproxy.cfg", folder, proxied)
            ),
            postgres=postgres,
            valkey=valkey,
            processes=(processes[0], processes[1]),
            environment=environment,
        )


def _run(command: list[Path], **environment: str) -> None:
    around = _around()
    # `psql` is on nobody's path where PostgreSQL is not from Debian.
    around["PATH"] += f":{bin_folder()}"
    done = subprocess.run(
        command, env={**around, **environment}, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def _around() -> dict[str, str]:
    """What is handed on to every process: nothing of our own settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GENSERVICE_")}  # noqa: TID251 - as a shell does


def _make_certificate(whole: Path, public: Path) -> Path:
    """A certificate of its own for `localhost`, with its key as the proxy wants them, and alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    public.write_bytes(pem)
    whole.write_bytes(
        pem
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return public
