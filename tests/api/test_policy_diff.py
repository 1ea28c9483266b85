"""A draft beside the set in force, over HTTP."""

from __future__ import annotations


def diff(api, files: dict[str, str]):
    return api.post("/v1/policies/diff", {"files": files}, role="policy_owner")


def test_a_draft_is_compared_with_the_set_in_force(api) -> None:
    in_force = api.get("/v1/policies").json()
    more = "rules:\n  - {id: less, why: Less., signals: [mood_affinity], when: {region: [BR]}, decision: withhold}\n"
    answer = diff(api, {"more.yaml": more}).json()
    assert answer["old"] == in_force["version"] != answer["new"]
    (changed,) = answer["changed"]
    assert changed["contexts_where"]["region"] == ["BR"]
    assert changed["contexts_where"]["consents"] == {
        "with": ["content_profile", "content_use"],
        "without": [],
    }
    assert changed["where"].startswith("synopsis, promo and recommendation, in BR, age adult")
    (change,) = changed["changes"]
    assert change == {
        "signal": "mood_affinity",
        "was": {"outcome": "released", "level": "words"},
        "will": {"outcome": "withheld", "level": "none"},
        "direction": "lost",
    }
    assert answer["decisions"] == changed["contexts"] > 0
    assert answer["besides"] == ["rule less: added"]
    assert api.get("/v1/policies").json()["version"] == in_force["version"]


def test_a_draft_that_changes_nothing_says_so(api) -> None:
    answer = diff(
        api,
        {
            "more.yaml": "rules:\n  - {id: same, why: Same., signals: [gender], decision: withhold}\n"
        },
    ).json()
    assert (answer["changed"], answer["decisions"]) == ([], 0)


def test_a_broken_draft_is_refused_at_its_place(api) -> None:
    response = diff(
        api, {"more.yaml": "rules:\n  - {id: x, why: y, signals: [gander], decision: withhold}\n"}
    )
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert (error["file"], error["line"], error["column"]) == ("more.yaml", 2, 31)
