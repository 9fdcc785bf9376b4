"""`soc.logs` is the documented entry for Python; what lies above it is looked up when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import soc.analysis
import soc.logs


def test_the_documented_names_are_those_of_the_analysis() -> None:
    from soc.logs import SourceFile, analyse_files, close_pool, export_events

    assert SourceFile is soc.logs.layout.SourceFile
    assert (analyse_files, export_events) == (soc.analysis.analyse_files, soc.analysis.export_events)
    assert close_pool is soc.analysis.close_pool


def test_reading_alone_loads_nothing_of_detection() -> None:
    code = "import sys, soc.logs; print([name for name in sys.modules if name.startswith(('soc.detection', 'soc.analysis'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_is_refused_as_any_module_does() -> None:
    with pytest.raises(AttributeError, match="no attribute 'analyse_everything'"):
        _ = soc.logs.analyse_everything
