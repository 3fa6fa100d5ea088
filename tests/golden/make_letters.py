#!/usr/bin/env python3
"""Writes src/qasm/letters.def: the letters beyond ASCII that a name of OpenQASM 3 may have (Unicode categories Lu Ll Lt Lm Lo Nl)."""

import pathlib
import unicodedata

ranges = []
for code in range(0x80, 0x110000):
    if unicodedata.category(chr(code)) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Nl"):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])

lines = [
    "/* letters.def: QSTI_LETTERS(first, last): letters and letter numbers beyond ASCII, in ascending order, as Unicode "
    f"{unicodedata.unidata_version}",
    " * has them. Written by tests/golden/make_letters.py. */",
]
row = ""
for first, last in ranges:
    item = f"QSTI_LETTERS({first:#x}, {last:#x})"
    if row and len(row) + 1 + len(item) > 118:
        lines.append(row)
        row = item
    else:
        row = f"{row} {item}".strip()
lines.append(row)
(pathlib.Path(__file__).parents[2] / "src/qasm/letters.def").write_text("\n".join(lines) + "\n")
