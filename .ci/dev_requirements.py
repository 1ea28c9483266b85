"""Print the development requirements, one a line: pip before 25.1 cannot read dependency groups."""

import tomllib
from pathlib import Path

groups = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
print("\n".join(groups["dev"]))  # noqa: T201 - what pip reads
