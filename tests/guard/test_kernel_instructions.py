"""The instructions of one call of each hot kernel, counted by callgrind under AVX2, against those in instructions.json.

Counts do not depend on how busy the machine is, but on the compiler: another one than that of the file is skipped.
`test_kernel_instructions.py PROGRAM COMPILER --write` measures anew.
"""
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

TABLE = Path(__file__).with_name("instructions.json")
MAY_GROW = 1.03
FEW, MANY = 20, 120
SKIPPED = 77


def instructions(program, kernel, repeats):
    """Of a whole run of the program."""
    environment = dict(os.environ, QSTILL_ISA="avx2")
    result = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, kernel, str(repeats)],
                            env=environment, capture_output=True, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", result.stderr).group(1))


def count(program):
    kernels = subprocess.run([program], capture_output=True, text=True, check=True).stdout.split()
    return {kernel: round((instructions(program, kernel, MANY) - instructions(program, kernel, FEW)) / (MANY - FEW))
            for kernel in kernels}


def main():
    program, compiler = sys.argv[1:3]
    if shutil.which("valgrind") is None or "avx2" not in Path("/proc/cpuinfo").read_text(encoding="utf-8"):
        print("valgrind or AVX2 is missing: nothing counted")
        return SKIPPED
    if sys.argv[3:] == ["--write"]:
        TABLE.write_text(json.dumps({"compiler": compiler, "instructions": count(program)}, indent=2) + "\n", encoding="utf-8")
        return 0
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    if table["compiler"] != compiler:
        print(f"counted with {table['compiler']}, built with {compiler}: not compared")
        return SKIPPED
    counted = count(program)
    bad = sorted(set(counted) ^ set(table["instructions"]))
    for kernel in sorted(set(counted) & set(table["instructions"])):
        before = table["instructions"][kernel]
        print(f"{kernel:20} {counted[kernel]:9} instructions a call, {before:9} in the table")
        if counted[kernel] > MAY_GROW * before:
            bad.append(kernel)
    if bad:
        print("more instructions than before, or not in the table:", ", ".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
