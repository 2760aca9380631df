"""Rooms whose names are opened when they are first asked for: they offer what they list, and open nothing too early."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOMS = (
    "mujun.allocation", "mujun.analysis", "mujun.rating", "mujun.records", "mujun.records.sheets",
    "mujun.rectification", "mujun.rules", "mujun.store", "mujun.workspace",
)  # fmt: skip


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_every_name_that_it_lists_and_no_other(room: str) -> None:
    module = importlib.import_module(room)
    for name in module.__all__:
        assert getattr(module, name) is not None
        assert name in dir(module)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = module.no_such_name


def test_a_module_never_takes_the_place_of_the_function_of_its_name() -> None:
    """`mujun.allocation.allocate` is a module and `mujun.allocation` has a function of that name."""
    for room, name in (
        ("mujun.allocation", "allocate"), ("mujun.rating", "rate"), ("mujun.records", "land_register"),
    ):  # fmt: skip
        module = importlib.import_module(f"{room}.{name}")
        function = getattr(importlib.import_module(room), name)
        assert callable(function)
        assert function is getattr(module, name)


LOADED_BY = {
    ("--help",): {"polars", "duckdb", "sqlglot", "numpy", "pyarrow"},
    ("runs", "list"): {"sqlglot", "jinja2", "xlsxwriter", "sklearn", "scipy", "pandera"},
    ("explain", "9133"): {"jinja2", "xlsxwriter", "sklearn", "scipy", "pandera", "mujun.records.reading"},
    ("show", "9133"): {"jinja2", "xlsxwriter", "sklearn", "scipy", "sqlglot", "mujun.records.reading"},
}
"""What a command must not load: each takes a tenth of a second or more, and none of it is used."""


@pytest.mark.parametrize("command", LOADED_BY)
def test_a_command_loads_only_what_it_uses(command: tuple[str, ...], tmp_path: object) -> None:
    """Without a store the commands end early, but with everything loaded that they name at their head."""
    program = (
        "import sys\nfrom mujun.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\nprint('LOADED', *sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, "--db", f"{tmp_path}/none.duckdb", *command],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    loaded = set(told.rpartition("LOADED")[2].split())
    assert "mujun.cli.entry" in loaded
    assert not loaded & LOADED_BY[command]


def test_a_rule_set_is_loaded_without_the_parser_of_expressions() -> None:
    """What a past run says is named from its rules, whose expressions nobody reads then."""
    program = (
        "import sys, mujun\nmujun.load_rules('zhejiang/shengzhou-2022')\n"
        "assert 'sqlglot' not in sys.modules, 'the parser is loaded'"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_firm_is_shown_without_numpy(sample_county: Path) -> None:
    """Polars has it loaded for as little as a Decimal in an expression; that took longer than showing the firm."""
    program = (
        "import sys\nfrom mujun.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as ended:\n    assert not ended.code\n"
        "assert 'numpy' not in sys.modules, 'NumPy is loaded'"
    )
    told = [sys.executable, "-c", program, "--db", str(sample_county), "show", "91330683XXXX0575XQ"]
    subprocess.run(told, check=True, capture_output=True)


def test_a_kept_table_with_lists_is_read_without_the_functions_of_pyarrow() -> None:
    """Documents of the rectification have lists; its functions take as long to load as Polars."""
    program = (
        "import io, sys\nimport polars as pl\nfrom mujun.errors import Place\n"
        "from mujun.records.parquet import kept_table\n"
        "rows = pl.DataFrame({'why': [['甲', '乙'], [], None]})\nfile = io.BytesIO()\nrows.write_parquet(file)\n"
        "assert kept_table(file.getvalue(), Place()).equals(rows)\n"
        "assert 'pyarrow.compute' not in sys.modules, 'the functions are loaded'"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
