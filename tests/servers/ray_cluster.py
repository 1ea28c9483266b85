"""A Ray cluster of two nodes on this machine, each with one CPU: the second is killed when told to.

Started as `python -m tests.servers.ray_cluster`; says its address on a line, kills the second node at
the first line on stdin, and ends with stdin.
"""

from __future__ import annotations

import os
import sys

from ray.cluster_utils import Cluster

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # noqa: TID251 - where Ray reads it
NODE = {"num_cpus": 1, "object_store_memory": 80_000_000}


def main() -> None:
    cluster = Cluster(
        initialize_head=True,
        head_node_args={**NODE, "include_dashboard": False, "dashboard_port": None},
    )
    try:
        second = cluster.add_node(**NODE)
        cluster.wait_for_nodes()
        sys.stdout.write(f"{cluster.address}\n")
        sys.stdout.flush()
        if sys.stdin.readline():
            cluster.remove_node(second, allow_graceful=False)
            sys.stdout.write("killed\n")
            sys.stdout.flush()
            sys.stdin.readline()
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    main()
