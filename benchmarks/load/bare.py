"""The least that Litestar can do: answer bytes that stand in a file, at the address of promos.

    python -m benchmarks.load.bare [--plain] ANSWERS.jsonl

Served by the same program with the same settings as the service; with `--plain` as uvicorn serves by
itself, with neither httptools nor uvloop, which is what `pip install litestar uvicorn` comes to. It
reads no body, and knows no key.
"""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import sys
from itertools import cycle
from pathlib import Path

import uvicorn
from litestar import Litestar, Response, post

from genservice.listening import loops
from genservice.listening.connections import served
from genservice.settings import read_settings


def app_of(answers: list[bytes]) -> Litestar:
    """The application."""
    turn = cycle(answers)

    @post("/v1/promos", status_code=200)
    async def answer() -> Response[bytes]:
        return Response(next(turn), media_type="application/json")

    return Litestar([answer], openapi_config=None, logging_config=None)


def main() -> None:
    """Listen, and say where."""
    *plain, file = sys.argv[1:]
    app = app_of(Path(file).read_bytes().splitlines())
    # Named TCP, as uvicorn's own is: else asyncio holds each small answer back for 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(2048)
        config = served(app, read_settings({}))
        if plain:
            config = uvicorn.Config(app, http="h11", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        gc.collect()
        gc.freeze()
        address = "http://{}:{}".format(*listening.getsockname())
        print(json.dumps({"address": address}), flush=True)  # noqa: T201 - what it is for
        (asyncio.run if plain else loops.run)(server.serve(sockets=[listening]))


if __name__ == "__main__":
    main()
