"""What the tests of this folder share: where the sources lie, and reading them without comments and strings."""
import os
import re
from pathlib import Path

ROOT = Path(os.environ.get("QSTILL_SOURCE", Path(__file__).resolve().parents[2]))
FOLDERS_OF_C = ("include", "src", "cli", "examples", "tests", "bench")

_TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def files(root, *folders, endings=(".c", ".h")):
    """All files below these folders of the tree with one of the endings, sorted."""
    return sorted(path for folder in folders for path in (root / folder).rglob("*")
                  if path.suffix in endings and path.is_file())


def _blank(match):
    text = match.group(0)
    if text[0] == "/":
        return "\n" * text.count("\n") or " "
    return text[0] + text[-1]


def code_of(path):
    """A C file's lines with comments blanked and strings emptied; includes keep their names."""
    lines = path.read_text(encoding="utf-8").split("\n")
    includes = {n: line for n, line in enumerate(lines) if re.match(r"\s*#\s*include\b", line)}
    code = _TOKEN.sub(_blank, "\n".join(lines)).split("\n")
    for n, line in includes.items():
        code[n] = line
    return code


def expect_none(test, problems):
    """Fails the test with one problem a line."""
    problems = list(problems)
    if problems:
        test.fail("\n" + "\n".join(problems))
