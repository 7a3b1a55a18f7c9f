"""Print, as constraints for pip, the lowest version that pyproject.toml allows of each runtime dependency."""

import re
import tomllib
from pathlib import Path

REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(?:\[[^]]*])?>=(?P<version>[\w.]+)")


def main() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    for requirement in [
        *project["dependencies"],
        *optional["keyring"],
        *optional["web"],
        *optional["metrics"],
    ]:
        found = REQUIREMENT.match(requirement)
        if found is None:
            raise SystemExit(f"{requirement}: no lowest version is given")
        print(f"{found['name']}=={found['version']}")


if __name__ == "__main__":
    main()
