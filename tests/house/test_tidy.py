"""clang-tidy, as configured in .clang-tidy, over the library, the program and the examples: no complaint. It sees the
sources with clang's eyes, so clang's warnings are among its checks."""
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from source_tree import ROOT

SKIPPED = 77
CHECKED = ("src", "cli", "examples")


def tidy(build, path):
    done = subprocess.run(["clang-tidy", "--quiet", "-p", build, "--extra-arg=-UNDEBUG", path],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + (done.stderr if done.returncode and not done.stdout else "")


def main():
    if shutil.which("clang-tidy") is None:
        print("skipped: clang-tidy is not installed (scripts/setup --test brings it)")
        return SKIPPED
    build = Path(os.environ["QSTILL_BUILD"])
    commands = json.loads((build / "compile_commands.json").read_text())
    sources = sorted({path for command in commands if (path := Path(command["file"])).is_relative_to(ROOT)
                      and path.relative_to(ROOT).parts[0] in CHECKED})
    bad = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, (code, text) in zip(sources, pool.map(lambda source: tidy(build, source), sources)):
            if code:
                bad += 1
                print(f"{path.relative_to(ROOT)}:\n{text}")
    print(f"{len(sources)} files, {bad} with complaints")
    return 1 if bad or len(sources) < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
