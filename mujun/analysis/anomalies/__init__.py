"""Data worth a second look: figures that do not go with last year's, with the firm's other figures, or with its peers'.

`figures` measures every firm's figures against its peers, `slips`, `jumps`, `ratios`, `gaps` and `copies` look for one
kind of trouble each, `effect` says what the likely right values would change.
"""

from mujun.analysis.anomalies.anomaly import KINDS, Anomaly, Kind
from mujun.analysis.anomalies.effect import Effect, effect_of
from mujun.analysis.anomalies.search import find_anomalies

__all__ = ["KINDS", "Anomaly", "Effect", "Kind", "effect_of", "find_anomalies"]
