"""What is documented is true: commands, options, the Python of the READMEs, and the two READMEs as twins."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")


def text_of(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def test_the_reference_of_the_command_line_is_fresh() -> None:
    # A process of its own: making the page reads the command modules once per language.
    program = (
        "from mujun.cli.reference_page import reference; import sys; sys.stdout.buffer.write(reference().encode())"
    )
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, cwd=HERE, check=True).stdout.decode()
    assert made == text_of("mujun/cli/README.md"), "run: python -m mujun.cli.reference_page"


@pytest.mark.parametrize("readme", READMES)
def test_every_command_of_a_readme_exists_with_its_options(readme: str) -> None:
    known = text_of("mujun/cli/README.md")
    sections = {
        m.group(1): m.group(0) for m in re.finditer(r"^## (.+?)$.*?(?=^## |\Z)", known, re.MULTILINE | re.DOTALL)
    }
    blocks = "".join(re.findall(r"```sh\n(.*?)```", text_of(readme), re.DOTALL))
    used = re.findall(r"^mujun ([^#\n]+)", blocks, re.MULTILINE)
    used += re.findall(r"`mujun (rules new [^`]+|rules list[^`]*)`", text_of(readme))
    assert len(used) > 8
    for line in used:
        words = line.split()
        name = " ".join(words[:2]) if " ".join(words[:2]) in sections else words[0]
        assert name in sections, line
        for option in re.findall(r"(?<!\S)--?[a-z][\w-]*", line):
            assert f"`{option}`" in sections[name], f"{option} of mujun {name}"


def test_the_readmes_are_twins() -> None:
    english, chinese = (text_of(r) for r in READMES)

    def code(text: str) -> list[str]:
        blocks = re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL)
        # Comments differ by language, the code does not; the Chinese demo speaks Chinese.
        return [re.sub(r" *#.*", "", body).replace("--lang en ", "") for _, body in blocks]

    assert code(english) == code(chinese)
    assert english.count("\n## ") == chinese.count("\n## ")


def test_the_python_of_the_readme_runs(sample_county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    block = re.search(r"```python\n(.*?)```", text_of("README.md"), re.DOTALL)
    assert block is not None
    program = block.group(1).replace('"mujun.duckdb"', repr(str(sample_county)))
    program = program.replace('county.load(["税收.csv"], year=2022)', "county.load([])")
    exec(program, {})
    assert "cohort" in capsys.readouterr().out


def test_local_links_lead_somewhere() -> None:
    for readme in (*READMES, "CONTRIBUTING.md", "benchmarks/README.md", "sample_data/README.md"):
        folder = (HERE / readme).parent
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text_of(readme)):
            assert (folder / target).exists(), f"{readme}: {target}"


def test_the_ci_runs_what_the_readme_says() -> None:
    script = text_of(".ci/run")
    for name in ("demo", "test"):
        assert f"command_of {name}" in script
        assert re.search(rf"<!-- command: {name} -->\n```sh\n[^\n]+\n```\n<!-- end -->", text_of("README.md"))
