"""The least that Litestar can do: answer bytes that stand in a file, at the address of promos.

    python -m benchmarks.load.bare ANSWERS.jsonl

Served by the same program with the same settings as the service. It reads no body, and knows no key.
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
    answers = Path(sys.argv[1]).read_bytes().splitlines()
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        server = uvicorn.Server(served(app_of(answers), read_settings({})))
        gc.collect()
        gc.freeze()
        address = "http://{}:{}".format(*listening.getsockname())
        print(json.dumps({"address": address}), flush=True)  # noqa: T201 - what it is for
        asyncio.run(server.serve(sockets=[listening]))


if __name__ == "__main__":
    main()
