"""A file that a rule set does not have yet: begun empty with what every key means, or from the same file of another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mujun.errors import UsageError, problem
from mujun.rules.folders import FILES, DiskFolder, addresses, find_folder
from mujun.rules.loading import MODELS, load_rules, read_rules
from mujun.rules.model import Head
from mujun.rules.model.head import TO_FILL
from mujun.rules.new_papers import papers_opened
from mujun.rules.new_set import Opening, completing_text, opened_text, tests_note, years_text
from mujun.rules.paper_texts import FILE as PAPERS
from mujun.rules.paper_texts import papers_template
from mujun.rules.ruleset import RuleSet
from mujun.rules.shape import keys_of
from mujun.rules.yaml_text import yaml_text

EVERY_FILE = (*FILES, PAPERS)
"""The files of a rule set by the names that the language knows; lookup tables have any name ending in `.csv`."""

EXAMPLES: dict[str, str] = {
    "rating": """\
cohorts:
  - {id: all, label: 全部企业, when: "true"}
indicators:
  tax_per_mu: {label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}
scoring:
  all:
    tax_per_mu: {weight: 100, benchmark: 20}
tiers:
  classes: [{id: A}, {id: B}, {id: C}, {id: D}]
  cut: {default: {shares: {A: 20, B: 60, C: 95, D: 100}}}
""",
    "rectification": """\
listing:
  - {id: low_tax, when: "tax_paid / land_mu < 3", reason: 亩均税收低于3万元}
paths:
  - {id: upgrade, when: "true", path: 整治提升, months: 12}
exit:
  when: "tax_paid / land_mu >= 3"
  evidence: [镇街核查表]
watch: {months: 12}
""",
    "allocation": """\
measures:
  - id: electricity
    label: 差别化电价
    kind: surcharge
    of: electricity_kwh
    per: 元/千瓦时
    rate:
      - {id: d, when: "tier = 'D'", value: 0.3}
    period: {year: +1}
""",
    "targets": """\
targets:
  - id: tax_per_mu
    label: 亩均税收
    kind: level
    unit: 万元/亩
    targets: {"2023": 30}
    computed: {of: tax_paid, per: land_mu}
""",
    "ladders": """\
ladders:
  - id: high_tech
    label: 高新技术企业
    honour: 高新技术企业
    members: "scale = '规上'"
    near: 1
    conditions:
      - {id: revenue, when: "revenue >= 2000", label: 营业收入2000万元以上}
      - {id: research, when: "rd_expense >= 0.03 * revenue", label: 研发费用占营业收入3%以上}
""",
    "tests": """\
cases:
  - id: half
    year: 2023
    enterprises:
      - {credit_code: "1", tax_paid: 100, land_mu: 10}
    expect:
      - {credit_code: "1", score: 50}
""",
}  # fmt: skip
"""An example of what a file says, which every new file holds as a comment."""


def missing_files(rules: str | Path) -> dict[str, tuple[str, ...]]:
    """The files that a rule set could have besides its own, each with the addresses of the sets that have it.

    Args:
        rules: an address or a folder.

    Raises:
        UsageError: there is no such rule set.
    """
    folder = find_folder(rules)
    others = [find_folder(a) for a in addresses() if a != folder.address]
    return {
        name: tuple(other.address for other in others if (other.path / name).is_file())
        for name in EVERY_FILE
        if not (folder.path / name).exists()
    }


def begin_file(rules: str | Path, name: str, source: str | None = None) -> dict[str, str]:
    """The text to begin a new file of a rule set with, and the lookup tables it needs; nothing is written.

    Place and years are those of the set. What only the new document can say is marked `待填`, and `rules check` reminds
    of it.

    Args:
        rules: an address or a folder: whose file it becomes.
        name: `allocation.yaml`, `rectification.yaml`, …
        source: a set that has the file and whose text is taken; without it, a file with every key as a comment.

    Returns:
        The texts by file name.

    Raises:
        UsageError: there is no such set, the language knows no such file, or one of the sets has it, or has it not.
        RuleError: the set that is copied from is not well-formed.
    """
    folder = find_folder(rules)
    if name not in EVERY_FILE:
        raise UsageError(problem("rules_no_file_of_name", file=name, known=list(EVERY_FILE)))
    if (folder.path / name).exists():
        raise UsageError(problem("new_exists", folder=folder.address, files=[name]))
    ruleset, _ = read_rules(rules)
    place = ruleset.head.place if ruleset.head is not None else None
    years = ruleset.head.years if ruleset.head is not None else ()
    if source is None:
        return {name: _empty(name.removesuffix(".yaml"), place, years)}
    model = find_folder(source)
    return _copied(name, Opening(model, folder.path, place, years), load_rules(source), folder)


def _copied(name: str, opening: Opening, ruleset: RuleSet, folder: DiskFolder) -> dict[str, str]:
    model, kind = opening.model, name.removesuffix(".yaml")
    text = model.read(name)
    if text is None:
        raise UsageError(problem("rules_source_lacks", address=model.address, file=name))
    if name == "tests.yaml":
        return {name: tests_note(model.address) + text}
    if name == PAPERS:
        old_place = ruleset.head.place if ruleset.head is not None else None
        return {name: papers_opened(text, model.address, opening.place, old_place)}
    file = getattr(ruleset, kind, None)
    if isinstance(file, Head) and file.status == "abstract":
        return {name: completing_text(kind, opening)}
    texts = {name: opened_text(text, opening, file if isinstance(file, Head) else None)}
    for table in sorted({t.file for t in getattr(file, "tables", {}).values()}):
        content = model.read(table)
        # A table of the same name that the set has already is its own: the checks say where it does not fit.
        if content is not None and not (folder.path / table).exists():
            texts[table] = content
    return texts


def _empty(kind: str, place: str | None, years: tuple[int, ...]) -> str:
    if f"{kind}.yaml" == PAPERS:
        return papers_template(f"{TO_FILL}：名称")
    return "\n".join((*_head(kind, place, years), *_keys(kind))) + "\n"


def _head(kind: str, place: str | None, years: tuple[int, ...]) -> Iterator[str]:
    yield "# 以 ## 开头的是各键的说明；以 # 开头的是例子，去掉行首的“# ”即生效，请改成文件规定的内容。"
    yield "mujun: 1"
    yield f"kind: {kind}"
    if kind == "tests":
        return
    yield f"name: {TO_FILL}：名称"
    yield f"place: {yaml_text(place) if place else f'{TO_FILL}：适用地区'}"
    yield f"years: {years_text(years)}" if years else f"years: []  # {TO_FILL}：适用的数据年度，如 [2023]"
    yield f"status: example  # {TO_FILL}：official 全文；excerpt 所见部分；example 示例"
    yield "sources:"
    yield f"  - {{document: {TO_FILL}：文件名称或文号}}  # 每份文件一行；checked 写核对原文的日期"


def _keys(kind: str) -> Iterator[str]:
    """Every key of a kind of file that its head does not have, with what it means, and the example of the kind."""
    head = {} if kind == "tests" else keys_of(Head)
    yield ""
    for key, (field, _) in keys_of(MODELS[kind]).items():
        if key not in head and key not in ("mujun", "kind"):
            yield f"## {key}：{field.metadata['doc']}"
    yield ""
    yield from (f"# {line}" for line in EXAMPLES[kind].splitlines())
