"""Personal data in text: found, replaced by typed placeholders, and put back.

`finding.Recognisers` finds it, `placeholders` replaces it and puts it back; `models/redact.py` is
the way in. What is found by a pattern is in `numbers`, `english` and `chinese`; people in `people`
and `chinese`; `home` holds this home's own words; `secrets` what never leaves.
"""
