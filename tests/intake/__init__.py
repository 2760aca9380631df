"""The corpus of department files: small sheets as a person sees them, made into real files, and what must come in.

`python -m tests.intake` measures it; `python -m tests.intake CASE` shows one case. How a case is written: `case.py`.
"""
