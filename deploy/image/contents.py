"""What an environment holds: the ten largest packages, and each one's licence as a Markdown table.

`python deploy/image/contents.py ENVIRONMENT LICENCES.md`: needs nothing but Python. A licence is what the package itself says.
"""

from __future__ import annotations

import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

_OSI = "License :: OSI Approved :: "


def licence_of(package: Distribution) -> str:
    """The SPDX expression, else the classifiers, else the first line of what stands under License; `not said` without any."""
    said = package.metadata
    if expression := said.get("License-Expression"):
        return expression
    classes = [one.removeprefix(_OSI) for one in said.get_all("Classifier") or () if one.startswith(_OSI)]
    text = (said.get("License") or "").strip().partition("\n")[0]
    return ", ".join(classes) or text or "not said"


def size_of(package: Distribution) -> int:
    """In bytes, of the files that its record names."""
    paths = (Path(str(package.locate_file(one))) for one in package.files or ())
    return sum(path.stat().st_size for path in paths if path.is_file())


def main(environment: Path, licences: Path) -> None:
    [site] = environment.glob("lib/python*/site-packages")
    found = sorted(distributions(path=[str(site)]), key=lambda one: one.name.lower())
    rows = [f"| {one.name} | {one.version} | {licence_of(one)} |" for one in found]
    table = "\n".join(["| package | version | licence |", "|---|---|---|", *rows])
    licences.write_text(f"# Licences of the packages\n\n{table}\n", encoding="utf-8")
    sizes = sorted(((size_of(one), one.name) for one in found), reverse=True)
    for size, name in sizes[:10]:
        print(f"{size / 1e6:8.1f} MB  {name}")
    print(f"{sum(size for size, _ in sizes) / 1e6:8.1f} MB  all {len(sizes)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
