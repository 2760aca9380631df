"""How firm a tier is: a rating computed again many times with numbers drawn within stated ranges.

`arrays` is a rating in arrays and `building` puts it there, `drawing` turns uniform numbers into weights, benchmarks,
caps, cuts and factors of inputs, `placing` computes one draw, `variance` says which source moves ranks and tiers,
`firmness` runs it all.
"""

from mujun.analysis.stability.firmness import firmness
from mujun.analysis.stability.result import Firmness

__all__ = ["Firmness", "firmness"]
