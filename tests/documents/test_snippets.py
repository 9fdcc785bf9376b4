"""Every Python snippet of our pages and of the setup guide runs as it stands: a new process, a new data folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from soc.sandbox.jira import catalogue
from soc.sandbox.server import SandboxServer
from tests.documents.blocks import ROOT, Block, all_blocks, blocks_of

SNIPPETS = [block for block in all_blocks() if block.language == "python"]
GUIDE = Path(__file__).with_name("guide_snippets.txt")
#: What a snippet prints where nothing is configured, by its page.
PRINTS = {
    "README.md": ["✅ Processed 1 logs successfully!"],
    "docs/integrations/jira.md": ["False", "JIRA integration not available"],
}
#: What each of the guide's snippets prints when Jira is configured, in the guide's order.
GUIDE_PRINTS = [
    [
        "✅ JIRA integration available",
        "Connection: success",
        "Project: ",
        "✅ Test ticket: SOC-",
        "URL: http",
    ],
    ["Status: success", "Server: ", "granted"],
    ["✅ Created: SOC-", "Priority: "],
    ["Processing logs with JIRA integration...", "✅ Processed 2 logs successfully!", "JIRA incidents"],
    ["'status': 'success'"],
    ["SLA violations: "],
    ["Open incidents: "],
]

#: The first of its debug commands.
DEBUG_COMMANDS = 4

pytestmark = [pytest.mark.timeout(200), pytest.mark.long]


def _environment(data: Path, **more: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == "SOC_PATTERN_CACHE" or not name.startswith(("SOC_", "JIRA_", "SLACK_"))
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # a proxy that nothing listens on: whatever leaves this machine fails
    nowhere = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    return {**kept, **nowhere, "no_proxy": "127.0.0.1", "PATH": path, "SOC_DATA_DIR": str(data), **more}


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("snippet", SNIPPETS, ids=str)
def test_a_snippet_of_our_pages_runs_as_it_stands(snippet: Block, tmp_path: Path) -> None:
    script = tmp_path / "snippet.py"
    script.write_text(snippet.text)
    printed = _run([sys.executable, str(script)], _environment(tmp_path / "data", PYTHONPATH=str(ROOT)))
    assert [words for words in PRINTS.get(snippet.page, []) if words not in printed] == []


@pytest.fixture(scope="module")
def jira() -> Iterator[dict[str, str]]:
    """The guide's `.env`, for a Jira that answers."""
    with SandboxServer(port=0, state_path=None) as sandbox:
        yield {
            "JIRA_SERVER_URL": sandbox.jira_url,
            "JIRA_USERNAME": catalogue.BOT.email,
            "JIRA_API_TOKEN": catalogue.TOKEN,
            "JIRA_PROJECT_KEY": "SOC",
            "JIRA_SETTLE_SECONDS": "1",
            "SOC_ALLOWED_HOSTS": sandbox.jira_url.split("/")[2],
        }


@pytest.mark.parametrize("number", range(len(GUIDE_PRINTS)))
def test_a_snippet_of_the_setup_guide_runs_as_it_stands(
    number: int, jira: dict[str, str], tmp_path: Path
) -> None:
    snippets = list(blocks_of(GUIDE))
    assert len(snippets) == len(GUIDE_PRINTS)
    snippet = snippets[number]
    # the debug commands are one session: the first of them makes `manager`
    before = "".join(one.text for one in snippets[DEBUG_COMMANDS:number])
    environment = _environment(tmp_path / "data", **jira)
    if snippet.language == "bash":
        printed = _run(["bash", "-e", "-c", snippet.text], environment)
    else:
        script = tmp_path / "test_jira.py"
        script.write_text(before + snippet.text)
        src = {} if "sys.path" in snippet.text else {"PYTHONPATH": str(ROOT / "src")}
        printed = _run([sys.executable, str(script)], environment | src)
    assert [words for words in GUIDE_PRINTS[number] if words not in printed] == []


def test_our_copy_of_the_guide_s_snippets_is_the_guide_s(shared: Path) -> None:
    guide = shared / "guides" / "jira-setup-guide.md"
    theirs = [
        block.text
        for block in blocks_of(guide)
        if block.language == "python" or (block.language == "bash" and "python -c" in block.text)
    ]
    assert theirs == [block.text for block in blocks_of(GUIDE)]
