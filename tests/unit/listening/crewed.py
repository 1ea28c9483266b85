"""A crew whose workers behave as they are told; run by `test_crew.py`.

    python -m tests.unit.listening.crewed DESCRIPTOR BEHAVIOUR WORKERS

Each worker prints a line when it begins: its number and its process id.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

from genservice.listening.crew import Crew, Pace
from genservice.listening.crowds import Crowds
from genservice.listening.messages import Alive, Failed, Leave, Ready, Waiting, hear, tell
from genservice.listening.signals import caught
from genservice.logs import configure_logging
from genservice.settings import Settings

_PACE = {
    # Nothing but the end of the test is to end it.
    "steady": Pace(first=0.01, longest=0.04, margin=600),
    "stubborn": Pace(margin=0.1),
    "silent": Pace(first=0.01, silence=0.5, margin=600),
}


def behave(how: str, number: int, crew: Connection) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # In one piece, for another one may begin at the same moment.
    os.write(1, f"{number} {os.getpid()}\n".encode())
    if how == "failing" and number == 1:
        tell(crew, Failed(("policies: no rule in it", "prompts: none")))
        sys.exit(1)
    if how == "dying":
        os._exit(7)
    if how == "never":
        tell(crew, Waiting(("the database does not answer",)))
        time.sleep(600)
    tell(crew, Ready(f"key of {number}" if number == 0 else None))
    while True:
        if crew.poll(0.05):
            message = hear(crew)
            if message is None or (isinstance(message, Leave) and how != "stubborn"):
                return
        elif how != "silent" or number == 1:
            tell(crew, Alive())


def main() -> None:
    above, how, workers = Connection(int(sys.argv[1])), sys.argv[2], int(sys.argv[3])
    configure_logging()
    settings = Settings(
        data=Path("unused"),
        keystore=Path("unused"),
        workers=workers,
        drain_timeout=0.01,
        start_timeout=0.5 if how == "never" else 600,
    )
    with caught(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
        Crew(
            settings,
            lambda number, crew: behave(how, number, crew),
            Crowds(workers),
            above,
            signals,
            pace=_PACE.get(how),
        ).run()


if __name__ == "__main__":
    main()
