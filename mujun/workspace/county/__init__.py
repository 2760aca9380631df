"""The county as one object: `County` and its groups, which hang the verbs of the rooms on it."""

from mujun.workspace.county.county import County

__all__ = ["County"]
