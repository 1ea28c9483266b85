from __future__ import annotations

from genservice.domain import Rendered, Turn
from genservice.generation import Request


def request(
    *given,
    seeds=None,
    slots=("TITLE", "GENRE", "MOOD"),
    must=(),
    limit=90,
    user="Write.",
    compact=None,
    grammar=None,
):
    turns = (Turn(role="system", content="Be brief."), Turn(role="user", content=user))
    compact = " ".join(f"[{slot}]" for slot in slots) if compact is None else compact
    prompt = Rendered(compact=compact, turns=turns, revision="promo@1 sha256:00")
    return Request(
        prompt=prompt,
        slots=tuple(slots),
        must=tuple(must),
        limit=limit,
        seeds=(given or (0,)) if seeds is None else seeds,
        grammar=grammar,
    )
