"""The workbench: the whole year in a browser on this PC, as pages over `County`.

`serving` starts and stops it, `admission` decides who may come in, `desk` works for the pages beside them, `frame` is
what every page has around it, `pages` holds the pages. No rule, sum or sentence of the domain lives here: figures come
from `County`, sentences from the catalogue. NiceGUI comes with the extra `workbench`; only this room knows it.
"""
