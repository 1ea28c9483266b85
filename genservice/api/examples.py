"""A body for each operation that takes one, for the OpenAPI document; more telling ones stand at their routes."""

from collections.abc import Mapping
from typing import Any

_VERSION = "sha256:" + "41c0" * 16
_RULE = "rules:\n  - {id: no-moods, why: Moods tell too much., signals: [mood_affinity], decision: withhold}\n"
_FILES = {"files": {"less.yaml": _RULE}}
_TEXT = {"language": "en", "length": "short", "text": "A pilot comes home.", "pinned": True}

BODIES: Mapping[str, Any] = {
    "put_title": {
        "id": "harbour-lights",
        "kind": "series",
        "name": "Harbour Lights",
        "language": "en",
        "year": 2024,
        "credits": [{"name": "Imre Vale", "job": "actor", "billing": 1, "character": "Ada Thorne"}],
        "genres": ["crime", "drama"],
        "moods": ["tense"],
        "texts": [_TEXT],
    },
    "put_title_texts": {"texts": [_TEXT]},
    "verify_receipt": {
        "receipt": {
            "id": "r-93ab77e0",
            "statement": {"title": {"id": "harbour-lights", "revision": 3}, "purpose": "promo"},
            "signature": {"alg": "Ed25519", "key": "k-1", "value": "bm90IHJlYWw"},
        },
        "text": "Slow-burn crime in a town that keeps its dead close: Harbour Lights.",
    },
    "validate_policies": _FILES,
    "diff_policies": _FILES,
    "explain_policies": {
        "purpose": "promo",
        "context": {"region": "DE", "age_band": "age_25_34", "consents": ["content_use"]},
        "channel": "tile",
    },
    "upload_policies": {**_FILES, "base": _VERSION, "why": "Counsel asked for it."},
    "shadow_policies": {"version": _VERSION, "why": "A week beside the one in force."},
    "activate_policies": {"version": _VERSION, "why": "Nothing unexpected in a week of shadow."},
    "roll_back_policies": {"why": "Too little is left."},
    "create_key": {"role": "app", "name": "the television app", "expires": "2027-11-30T00:00:00Z"},
    "rotate_key": {"overlap_minutes": 60},
    "create_viewer_token": {"minutes": 10},
    "put_viewer_signal": {"value": ["crime", "drama"]},
    "withdraw_viewer_consents": {"consents": ["content_profile"], "source": "settings"},
}
"""Operation -> a body."""
