"""`same_as` written out: a cohort's scoring laid upon that of another cohort, before anything is read."""

from __future__ import annotations

from dataclasses import replace

from mujun.fields import nearest
from mujun.messages import Guess
from mujun.rules.shape import Reading
from mujun.rules.tree import Node, child, merge

SAME_AS = "same_as"


def with_shared_scoring(tree: Node, reading: Reading | None = None) -> Node:
    """A rating's tree in which every cohort states its own scoring.

    Args:
        tree: rating.yaml as a tree, after `extends`.
        reading: gathers a cohort that is not there, and cohorts that are like one another in a circle.
    """
    scoring = child(tree, "scoring")
    if scoring is None or not isinstance(scoring.value, dict) or not isinstance(tree.value, dict):
        return tree
    cohorts = scoring.value
    if not any(child(node, SAME_AS) is not None for node in cohorts.values()):
        return tree
    told = reading or Reading()
    written = {name: _written_out(name, cohorts, (), told) for name in cohorts}
    return replace(tree, value={**tree.value, "scoring": replace(scoring, value=written)})


def _written_out(name: str, cohorts: dict[str, Node], seen: tuple[str, ...], reading: Reading) -> Node:
    node = cohorts[name]
    same_as = child(node, SAME_AS)
    if same_as is None or not isinstance(node.value, dict):
        return node
    rest = replace(node, value={k: n for k, n in node.value.items() if k != SAME_AS})
    other = same_as.text
    if other not in cohorts:
        near = Guess(nearest(other, cohorts))
        reading.wrong("same_as_unknown", same_as, f"scoring.{name}.same_as", name=other, known=list(cohorts), near=near)
        return rest
    if other in (*seen, name):
        reading.wrong("same_as_circle", same_as, f"scoring.{name}.same_as", circle=[*seen, name, other])
        return rest
    return merge(_written_out(other, cohorts, (*seen, name), reading), rest, ("scoring", name))
