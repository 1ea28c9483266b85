"""Settings come from one place, and a wrong one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from genservice.domain.access import ROLES, RateLimit
from genservice.errors import SettingsError
from genservice.settings import Settings, read_settings


def test_the_environment_sets_every_field() -> None:
    settings = read_settings(
        {"GENSERVICE_PORT": "9", "GENSERVICE_DATA": "/x", "GENSERVICE_MODEL": "org/name"}
    )
    assert (settings.port, settings.data, settings.model) == (9, Path("/x"), "org/name")


def test_a_flag_beats_the_environment_and_a_missing_flag_does_not() -> None:
    settings = read_settings({"GENSERVICE_PORT": "9"}, port=10, host=None)
    assert (settings.port, settings.host) == (10, "127.0.0.1")


def test_the_environment_beats_the_file(tmp_path) -> None:
    file = tmp_path / "settings.env"
    file.write_text('# ours\n\nGENSERVICE_PORT=1\nGENSERVICE_MODEL="here"\n', encoding="utf-8")
    settings = read_settings({"GENSERVICE_SETTINGS": str(file), "GENSERVICE_PORT": "2"})
    assert (settings.port, settings.model) == (2, "here")


def test_an_unknown_name_in_the_file_is_named_by_line(tmp_path) -> None:
    file = tmp_path / "settings.env"
    file.write_text("GENSERVICE_PORT=1\nGENSERVICE_PROT=2\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"settings\.env:2"):
        read_settings({"GENSERVICE_SETTINGS": str(file)})


def test_a_value_of_the_wrong_shape_names_its_setting() -> None:
    with pytest.raises(SettingsError, match="GENSERVICE_PORT"):
        read_settings({"GENSERVICE_PORT": "many"})


def test_the_database_lies_in_the_data_folder_unless_a_url_is_given() -> None:
    assert Settings(data=Path("/d")).database() == Path("/d/genservice.db")
    url = "postgresql+asyncpg://h/d"
    assert Settings(database_url=url).database() == url


def test_places_of_twins_are_read_in_their_order_and_each_once() -> None:
    settings = read_settings(
        {"GENSERVICE_TWINS": " promo/tile/short,synopsis/detail/long , promo/tile/short,"}
    )
    assert [str(place) for place in settings.places()] == [
        "promo/tile/short",
        "synopsis/detail/long",
    ]
    assert read_settings({"GENSERVICE_TWINS": ""}).places() == ()


@pytest.mark.parametrize(
    "wrong",
    [
        "promo",
        "promo/tile",
        "promo/tile/short/x",
        "promo/billboard/short",
        "advertising/tile/short",
        "//",
    ],
)
def test_a_place_that_is_none_is_named_by_its_number(wrong: str) -> None:
    with pytest.raises(SettingsError, match="GENSERVICE_TWINS: place 2 is not"):
        read_settings({"GENSERVICE_TWINS": f"promo/tile/short, {wrong}"})


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "999999", "a whole number from 0 to 65535"),
        ("PORT", "-1", "a whole number from 0 to 65535"),
        ("PORT", "many", "a whole number from 0 to 65535"),
        ("ATTEMPTS", "-1", "a whole number from 1 to 20"),
        ("ATTEMPTS", "0", "a whole number from 1 to 20"),
        ("GUARD_TIMEOUT", "0", "a number from 0.01 to 600"),
        ("MODEL_TIMEOUT", "-3", "a number from 0.01 to 600"),
        ("MODEL_TIMEOUT", "nan", "a number from 0.01 to 600"),
        ("MODEL_TIMEOUT", "inf", "a number from 0.01 to 600"),
        ("MODEL_PROCESSOR", "s3cret", "one of own_server, third_party"),
    ],
)
def test_a_value_out_of_bounds_names_its_setting_and_what_it_may_be(name, value, expected) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({f"GENSERVICE_{name}": value})
    assert str(caught.value) == f"GENSERVICE_{name}: expected {expected}"


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "0"), ("PORT", "65535"), ("ATTEMPTS", "1"), ("GUARD_TIMEOUT", "0.01"), ("MODEL_TIMEOUT", "600")],
)  # fmt: skip
def test_values_at_their_bounds_are_taken(name: str, value: str) -> None:
    assert getattr(read_settings({f"GENSERVICE_{name}": value}), name.lower()) == float(value)


def test_limits_that_are_set_leave_the_others_as_they_are() -> None:
    limits = read_settings({"GENSERVICE_RATE_LIMITS": " app = 7/hour ,viewer=off,"}).limits()
    assert limits["app"] == RateLimit(7, 3600)
    assert limits["viewer"] is None
    assert limits["editor"] == RateLimit(600, 60)
    assert set(limits) == {*ROLES, "viewer", "failed"}
    assert read_settings({}).limits()["app"] == RateLimit(300000, 60)


@pytest.mark.parametrize(
    "wrong",
    ["app", "app=", "app=0/minute", "app=-1/hour", "app=5/day", "owner=5/hour", "app=on", "app=5", "=5/hour", "app=5/hour;x"],
)  # fmt: skip
def test_a_limit_that_is_none_is_named_by_its_number(wrong: str) -> None:
    with pytest.raises(SettingsError, match="GENSERVICE_RATE_LIMITS: part 2 is not"):
        read_settings({"GENSERVICE_RATE_LIMITS": f"editor=5/minute, {wrong}"})


def test_origins_are_read_each_once() -> None:
    listed = "https://a.example, http://localhost:3000,https://a.example, http://[::1]:8080"
    assert read_settings({"GENSERVICE_CORS_ORIGINS": listed}).origins() == (
        "https://a.example", "http://localhost:3000", "http://[::1]:8080",
    )  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    ["*", "null", "https://*.example", "a.example", "https://a.example/", "https://A.example", "ftp://a", "https://a b"],
)  # fmt: skip
def test_an_origin_that_is_none_or_many_is_named_by_its_number(wrong: str) -> None:
    with pytest.raises(SettingsError, match="GENSERVICE_CORS_ORIGINS: origin 2 is not"):
        read_settings({"GENSERVICE_CORS_ORIGINS": f"https://b.example, {wrong}"})


def test_proxies_are_addresses_and_networks() -> None:
    listed = "10.0.0.0/8, 127.0.0.1, fd00::/8"
    assert read_settings({"GENSERVICE_TRUSTED_PROXIES": listed}).proxies() == (
        "10.0.0.0/8", "127.0.0.1", "fd00::/8",
    )  # fmt: skip
    for wrong in ("*", "proxy.example", "10.0.0.1/8"):
        with pytest.raises(SettingsError, match="GENSERVICE_TRUSTED_PROXIES: 1 is no address"):
            read_settings({"GENSERVICE_TRUSTED_PROXIES": wrong})
