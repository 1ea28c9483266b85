"""compose.yaml, the files it mounts and the Dockerfile fit each other and the code."""

from __future__ import annotations

import json
import re
import stat
import subprocess
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from genservice.master_keys import MasterKeyPlace
from genservice.settings import PREFIX, Settings, read_settings
from tests.servers.deployment import DEPLOY, ROOT, composed

FILES = ("compose.yaml", "compose.tls.yaml")
COMPOSE = composed(*FILES)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name in SERVICES if name.startswith("genservice-")]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def of_image(name: str) -> str:
    """What the Dockerfile sets a variable to."""
    found = re.search(rf"{PREFIX}{name}=(\S+)", DOCKERFILE)
    assert found, name
    return found[1]


@pytest.fixture(scope="module")
def secrets(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "secrets"
    subprocess.run([DEPLOY / "make-secrets", folder], check=True)
    return folder


@pytest.mark.parametrize("file", FILES)
def test_it_is_valid_by_the_specification(file) -> None:
    schemas = resources.files("check_jsonschema.builtin_schemas")
    schema = json.loads((schemas / "vendor/compose-spec.json").read_text())
    jsonschema.validate(YAML(typ="safe").load(ROOT / file), schema)


def test_there_are_two_processes_that_differ_in_what_they_wait_for_alone() -> None:
    one, two = ({**SERVICES[name], "depends_on": None} for name in OURS)
    assert one == two


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting_with_a_value_that_it_may_have(name) -> None:
    given = SERVICES[name]["environment"]
    known = {PREFIX + field.upper() for field in (*Settings.__struct_fields__, "settings")}
    assert set(given) <= known
    # The file is one of the secrets, below.
    settings = read_settings(
        {key: value for key, value in given.items() if key != f"{PREFIX}SETTINGS"}
    )
    grace = int(SERVICES[name]["stop_grace_period"].removesuffix("s"))
    assert settings.drain_timeout > settings.request_timeout
    assert grace > settings.stop_delay + settings.drain_timeout


def test_the_secrets_are_those_that_are_made_and_the_service_can_read_them(secrets) -> None:
    made = {file.name for file in secrets.iterdir()}
    named = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    assert named - made == {"tls.pem"}
    assert {Path(secret["file"]).parent for secret in COMPOSE["secrets"].values()} == {Path("deploy/secrets")}  # fmt: skip
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", ())}
    assert used == set(COMPOSE["secrets"])
    settings = read_settings({f"{PREFIX}SETTINGS": str(secrets / "genservice.env")})
    for kind, host in (("database", "@postgres:5432/genservice"), ("cache", "@valkey:6379/0")):
        password = (secrets / f"{kind}.password").read_text().strip()
        assert len(password) > 40
        assert getattr(settings, f"{kind}_url").endswith(f":{password}{host}")
    assert MasterKeyPlace(keystore=secrets, file=secrets / "master.key").read().ids


def test_secrets_are_made_once_and_nobody_else_comes_into_their_folder(secrets) -> None:
    before = {file.name: file.read_text() for file in secrets.iterdir()}
    subprocess.run([DEPLOY / "make-secrets", secrets], check=True)
    assert {file.name: file.read_text() for file in secrets.iterdir()} == before
    assert len(set(before.values())) == len(before)
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700


def test_no_password_stands_in_the_files() -> None:
    for service in SERVICES.values():
        for name in service.get("environment", {}):
            assert name.endswith("_FILE") or not re.search("PASSWORD|KEY|SECRET|TOKEN", name), name


def test_what_is_mounted_is_there_and_not_to_be_written() -> None:
    mounted = [
        volume.split(":")
        for service in SERVICES.values()
        for volume in service.get("volumes", ())
        if volume.startswith(".")
    ]
    assert len(mounted) == 3
    for source, _, mode in mounted:
        assert (ROOT / source).exists()
        assert mode == "ro"


@pytest.mark.parametrize("name", SERVICES)
def test_no_root_can_be_written_and_no_process_gets_more_rights(name) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    # PostgreSQL's image begins as root, to become its own user.
    assert service.get("cap_drop") == (None if name == "postgres" else ["ALL"])
    assert re.fullmatch(r"genservice|[\w/]+:[\d.]+(-\w+)?", service["image"])


def test_nobody_from_outside_reaches_anything_but_the_proxy() -> None:
    networks = YAML(typ="safe").load(ROOT / "compose.yaml")["networks"]
    reached = {name for name, service in SERVICES.items() if service.get("ports")}
    assert reached == {"proxy"}
    for name, service in SERVICES.items():
        outside = [n for n in service["networks"] if not (networks[n] or {}).get("internal")]
        assert outside == (["public"] if name == "proxy" else [])
    (subnet,) = networks["proxied"]["ipam"]["config"]
    trusted = {SERVICES[name]["environment"][f"{PREFIX}TRUSTED_PROXIES"] for name in OURS}
    assert trusted == {subnet["subnet"]}


def test_the_proxy_gets_what_its_file_takes_from_the_environment() -> None:
    wanted = set(re.findall(r"\$\{(\w+)", (DEPLOY / "proxy/haproxy.cfg").read_text()))
    given = SERVICES["proxy"]["environment"]
    assert wanted == set(given)
    port = of_image("PORT")
    assert [given[f"PROCESS_{n}"] for n in (1, 2)] == [f"{name}:{port}" for name in OURS]


def test_the_image_is_what_compose_takes_it_for() -> None:
    folders = [volume.split(":")[1] for volume in SERVICES[OURS[0]]["volumes"]]
    folders += [folder for folder in SERVICES[OURS[0]]["tmpfs"] if folder != "/tmp"]  # noqa: S108
    assert sorted(folders) == sorted([of_image("KEYSTORE"), of_image("DATA")])
    users = re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)
    assert users == ["genservice"]
    assert "'postgresql', 'valkey'" in DOCKERFILE
    assert "HEALTHCHECK" in DOCKERFILE
    assert "/health/ready" in DOCKERFILE
