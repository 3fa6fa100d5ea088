"""environment.py: where the peers live, and what this machine is."""
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


class Trouble(Exception):
    """Something the user must hear about, in one line."""


def say(text):
    """One line on standard error, under the name of the program that runs."""
    print(f"{Path(sys.argv[0]).stem}: {text}", file=sys.stderr, flush=True)


def prepare_venv(folder, requirements=REQUIREMENTS):
    """Makes the virtual environment once, and again when the requirements have changed; returns its python."""
    python, stamp = folder / "bin/python", folder / "installed.txt"
    wanted = requirements.read_text(encoding="utf-8")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    for what, command in (("making", [sys.executable, "-m", "venv", str(folder)]),
                          ("installing packages into", [str(python), "-m", "pip", "install", "--quiet",
                                                         "--disable-pip-version-check", "-r", str(requirements)])):
        say(f"{what} {folder}")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
            raise Trouble(f"{' '.join(command[:4])}: {last} (Debian keeps venv in the package python3-venv)")
    stamp.write_text(wanted, encoding="utf-8")
    return python


def _first(pattern, text, otherwise=""):
    found = re.search(pattern, text, re.M)
    return found.group(1).strip() if found else otherwise


def _read(path):
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""


def _cache(level, kind):
    for entry in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        if _read(entry / "level").strip() == level and _read(entry / "type").strip() in kind:
            return _read(entry / "size").strip().replace("K", " KiB")
    return "?"


def machine():
    """What a reader must know to judge the figures; nothing that names the machine."""
    cpu = _read("/proc/cpuinfo")
    flags = _first(r"^flags\s*:(.*)$", cpu).split()
    memory_kib = int(_first(r"^MemTotal:\s*(\d+)", _read("/proc/meminfo"), "0"))
    return {"cpu": _first(r"^model name\s*:(.*)$", cpu, platform.machine()), "model": _first(r"^model\s*:(.*)$", cpu, "?"),
            "cores": len(os.sched_getaffinity(0)), "isa": next((isa for flag, isa in (
                ("avx512f", "AVX-512"), ("avx2", "AVX2"), ("avx", "AVX")) if flag in flags), platform.machine()),
            "l1d": _cache("1", ("Data",)), "l2": _cache("2", ("Unified", "Data")),
            "memory_gib": round(memory_kib / 2**20),
            "system": _first(r'^PRETTY_NAME="?([^"\n]*)', _read("/etc/os-release"), platform.system()),
            "kernel": platform.release().split("-")[0], "python": platform.python_version()}


def commit():
    """The short commit of the source tree, with + where files differ from it; empty outside git."""
    def git(*arguments):
        done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""
    head = git("rev-parse", "--short", "HEAD")
    return head + ("+" if head and git("status", "--porcelain", "--untracked-files=no") else "")
