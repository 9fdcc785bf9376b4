"""What a wheel holds beside the package: the files that a checkout has around it, as `soc/shipped/`.

All else stands in pyproject.toml. `soc.settings.ROOT` finds them in both places.
"""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = (
    "app.py",
    ".streamlit/config.toml",
    "pages/*.py",
    "data/samples/*.log",
    "data/samples/*.jsonl",
    "data/samples/*.csv",
    "data/samples/*.gz",
    "data/samples/README.md",
)


class BuildWithShipped(build_py):
    def run(self) -> None:
        super().run()
        here = Path(__file__).parent
        for pattern in SHIPPED:
            for source in sorted(here.glob(pattern)):
                target = Path(self.build_lib, "soc", "shipped", source.relative_to(here))
                self.mkpath(str(target.parent))
                self.copy_file(str(source), str(target))


setup(cmdclass={"build_py": BuildWithShipped})
