"""How firm a tier is: a rating computed again many times with numbers drawn within stated ranges.

`model` is what draws are made from and `building` makes it of a rating, `drawing` turns uniform numbers into weights,
benchmarks, caps, cuts and factors of inputs, `worlds` grades many draws at once by the rating's own steps, `variance`
says which source moves ranks and tiers, `firmness` runs it all.
"""

from mujun.analysis.stability.firmness import firmness
from mujun.analysis.stability.result import Firmness

__all__ = ["Firmness", "firmness"]
