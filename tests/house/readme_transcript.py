#!/usr/bin/env python3
"""Runs the demo and puts what it prints between the markers of README.md.

    python3 tests/house/readme_transcript.py build/release/qstill

The run folder is made in a temporary folder and removed again."""
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- transcript: begin, by tests/house/readme_transcript.py -->\n", "<!-- transcript: end -->\n"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        page = subprocess.run([program, "demo", "--quiet"], cwd=folder, stdout=subprocess.PIPE, text=True, check=True).stdout
    readme = ROOT / "README.md"
    before, rest = readme.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    transcript = f"```text\n$ scripts/demo\n{page.rstrip()}\n```\n"
    readme.write_text(before + BEGIN + transcript + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
