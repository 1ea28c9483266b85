"""Admins make, list, rotate and revoke API keys over HTTP; a key is shown once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest


def make(api, **fields):
    return api.post("/v1/keys", {"role": "app", "name": "tv", **fields}, role="admin")


def opens(api, key: str) -> bool:
    answer = api.client.get("/v1/titles", headers={"Authorization": f"Bearer {key}"})
    return answer.status_code == 200


def listed(api, key_id: str):
    items = api.get("/v1/keys", role="admin").json()["items"]
    return next(item for item in items if item["id"] == key_id)


def test_a_key_made_over_http_opens_and_is_shown_this_once(api) -> None:
    end = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    answer = make(api, expires=end)
    assert answer.status_code == 201
    made = answer.json()
    assert opens(api, made["key"])
    listing = api.get("/v1/keys", role="admin")
    assert made["key"] not in listing.text
    assert made["key"].rpartition("_")[2] not in listing.text
    record = listed(api, made["id"])
    assert made["key"].startswith(record["prefix"])
    assert (record["role"], record["name"], record["revoked_at"]) == ("app", "tv", None)
    assert record["last_used_at"] is not None
    assert set(record) == {
        "id", "prefix", "role", "name", "created_at", "expires_at", "last_used_at", "revoked_at",
    }  # fmt: skip


def test_a_rotated_key_is_replaced_and_ends_after_the_overlap(api) -> None:
    old = make(api).json()
    answer = api.post(f"/v1/keys/{old['id']}/rotate", {"overlap_minutes": 5}, role="admin")
    assert answer.status_code == 201
    new = answer.json()
    assert (new["role"], new["name"], new["expires"]) == ("app", "tv", None)
    assert opens(api, new["key"])
    assert opens(api, old["key"])
    assert listed(api, old["id"])["expires_at"] is not None
    api.post(f"/v1/keys/{new['id']}/rotate", {"overlap_minutes": 0}, role="admin")
    assert not opens(api, new["key"])
    again = api.post(f"/v1/keys/{new['id']}/rotate", {}, role="admin")
    assert again.status_code == 409


def test_a_revoked_key_opens_nothing_and_stays_in_the_list(api) -> None:
    made = make(api).json()
    answer = api.client.delete(f"/v1/keys/{made['id']}", headers=api.headers("admin"))
    assert answer.status_code == 204
    assert not opens(api, made["key"])
    assert listed(api, made["id"])["revoked_at"] is not None


@pytest.mark.parametrize(
    "fields",
    [{"role": "owner"}, {"name": ""}, {"expires": "2020-01-01T00:00:00Z"}, {"expires": "2127-01-01T00:00:00"}, {"hash": "0"}],
)  # fmt: skip
def test_what_makes_no_key_is_a_problem(api, fields) -> None:
    assert make(api, **fields).status_code == 400
    unknown = api.post("/v1/keys/00000000/rotate", {}, role="admin")
    assert unknown.status_code == 404
