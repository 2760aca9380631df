"""How the parts of a zipped workbook name each other: the workbook's own part, and what a part refers to."""

from __future__ import annotations

from mujun.records.sheets.archive import Archive, local


def workbook_part(archive: Archive) -> str:
    """The part that lists the sheets; empty where the archive has none."""
    if "_rels/.rels" in archive:
        for kind, target, _ in relations(archive, "").values():
            if kind == "officeDocument" and target in archive:
                return target
    return next((name for name in ("xl/workbook.xml", "xl/workbook.bin") if name in archive), "")


def relations(archive: Archive, part: str) -> dict[str, tuple[str, str, bool]]:
    """By id: the kind, the part's name, and whether it lies outside the file."""
    folder, _, name = part.rpartition("/")
    related: dict[str, tuple[str, str, bool]] = {}
    where = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
    if where not in archive:
        return related

    def start(tag: str, given: dict[str, str]) -> None:
        if local(tag) == "Relationship":
            target = given.get("Target", "").replace("\\", "/")
            outside = given.get("TargetMode") == "External"
            kind = given.get("Type", "").rpartition("/")[2]
            related[given.get("Id", "")] = (kind, target if outside else _resolved(folder, target), outside)

    archive.parse(where, start)
    return related


def _resolved(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target[1:]
    steps = folder.split("/") if folder else []
    for step in target.split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step not in (".", ""):
            steps.append(step)
    return "/".join(steps)
