"""What is documented is true: commands, options, the Python of the READMEs, and the two READMEs as twins."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from mujun.cli.help_texts import examples
from mujun.cli.reference_page import commands, reference
from mujun.samples import sample_files

HERE = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
ROOMS_WITH_A_PAGE = ("benchmarks", "sample_data", "rules", "mujun/analysis")


def text_of(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def test_the_reference_of_the_command_line_is_fresh() -> None:
    assert reference() == text_of("docs/commands.md"), "run: python -m mujun.cli.reference_page"


def test_every_command_has_an_example_that_it_understands() -> None:
    known = dict(commands())
    assert set(examples()) == set(known), "mujun/cli/examples.toml: one line a command"
    for name, example in examples().items():
        program, *given = shlex.split(example)
        # `mujun --db FILE COMMAND`: what stands before the command is not the command's.
        words = name.split()
        at = given.index(words[0])
        assert program == "mujun"
        assert at in (0, 2)
        assert given[at : at + len(words)] == words
        # Raises where an option, an argument or a value is not the command's.
        known[name].make_context(name, given[at + len(words) :])


@pytest.mark.parametrize("readme", [*READMES, "docs/year.md"])
def test_every_command_of_a_readme_exists_with_its_options(readme: str) -> None:
    known = text_of("docs/commands.md")
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
    # Both say how many files the demo loads; one of them said so of an earlier sample county.
    files = len(sample_files())
    assert f"it loads {files} department files" in english
    assert f"导入 {files} 份" in chinese


def test_the_python_of_the_readme_runs(sample_county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    block = re.search(r"```python\n(.*?)```", text_of("README.md"), re.DOTALL)
    assert block is not None
    program = block.group(1).replace('"mujun.duckdb"', repr(str(sample_county)))
    program = program.replace('county.data.load(["税收.csv"], year=2022)', "county.data.load([])")
    exec(program, {})
    assert "cohort" in capsys.readouterr().out


def test_local_links_lead_somewhere() -> None:
    pages = [*HERE.glob("*.md"), *HERE.glob("docs/**/*.md"), *(HERE / f"{r}/README.md" for r in ROOMS_WITH_A_PAGE)]
    assert len(pages) > 10
    for page in pages:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.relative_to(HERE)}: {target}"


def test_the_ci_runs_what_the_readme_says() -> None:
    script = text_of(".ci/run")
    for name in ("demo", "test"):
        assert f"command_of {name}" in script
        assert re.search(rf"<!-- command: {name} -->\n```sh\n[^\n]+\n```\n<!-- end -->", text_of("README.md"))


def test_every_promise_of_safe_hands_has_its_tests() -> None:
    table = re.search(r"\| promise \| tests \|\n\|---\|---\|\n(.*?)\n\n", text_of("docs/faults.md"), re.DOTALL)
    assert table is not None
    rows = table[1].splitlines()
    assert len(rows) >= 35
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)`: ((?:`test_\w+`(?:, )?)+)", row)
        assert named, row
        for file, tests in named:
            written = set(re.findall(r"^def (test_\w+)\(", text_of(file), re.MULTILINE))
            assert set(re.findall(r"`(test_\w+)`", tests)) <= written, row
