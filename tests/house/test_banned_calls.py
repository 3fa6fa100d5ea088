"""Calls that this house does without, or keeps in one place. By name, in code (comments and strings do not count)."""
import re
import tempfile
import unittest
from pathlib import Path

from source_tree import ROOT, code_of, expect_none, files

# Call -> (folders or files that may use it, why the others may not).
BANNED = {
    ("gets", "strcpy", "strcat", "sprintf", "vsprintf", "scanf", "sscanf", "fscanf", "strtok"):
        (("tests/",), "does not say how long its result may be; see base/text.h and base/number.h"),
    ("atoi", "atol", "atoll", "atof"): ((), "cannot fail; see qsti_parse_double() and its kin"),
    ("strtod", "strtof", "strtol", "strtoul", "strtoll", "strtoull"):
        (("src/base/number.c", "cli/", "tests/"), "depends on the locale, skips blanks; see base/number.h"),
    ("malloc", "calloc", "realloc", "free", "aligned_alloc", "posix_memalign", "strdup", "strndup", "asprintf",
     "vasprintf", "getline", "alloca"):
        (("src/base/", "cli/", "tests/", "examples/"), "memory comes from the context; see base/memory.h"),
    ("exit", "_exit", "abort", "quick_exit"): (("cli/", "tests/", "examples/"), "a library does not end its caller"),
    ("printf", "vprintf", "puts", "putchar", "fprintf", "vfprintf", "fputs", "perror"):
        (("cli/", "tests/", "examples/", "include/qstill/base.h"), "the library does not print; see qsti_log()"),
    ("fopen", "freopen", "tmpfile", "creat"): (("src/base/", "cli/", "tests/"), "files are opened by base/file.h"),
    ("system", "popen", "execvp", "execl", "execv", "mktemp", "tmpnam", "tempnam"):
        (("tests/",), "no other program is started, no name is guessed"),
    ("posix_spawn", "posix_spawnp", "fork", "vfork"):
        (("cli/gnuplot.c", "tests/"), "the library starts no process, and the program only gnuplot"),
    ("socket", "connect", "getaddrinfo"): ((), "no network"),
    ("rand", "srand", "random", "drand48"): ((), "random numbers come from base/rng.h"),
    ("setlocale", "setenv", "putenv", "signal"): (("cli/", "tests/"), "belongs to the process, not to a library"),
    ("time", "gettimeofday", "localtime", "gmtime", "ctime", "asctime"):
        (("tests/",), "no result holds a time; durations: base/clock.h"),
}

RULE_OF = {name: rule for names, rule in BANNED.items() for name in names}
CALL = re.compile(r"(?<![\w.>])(" + "|".join(RULE_OF) + r")\s*\(")


def problems(root):
    for path in files(root, "include", "src", "cli", "examples", "tests", endings=(".c", ".h")):
        where = path.relative_to(root).as_posix()
        for line, code in enumerate(code_of(path), 1):
            for match in CALL.finditer(code):
                allowed, why = RULE_OF[match.group(1)]
                if not where.startswith(tuple(allowed)):
                    yield f"{where}:{line}: {match.group(1)}(): {why}"


class BannedCalls(unittest.TestCase):
    def test_none_in_the_tree(self):
        expect_none(self, problems(ROOT))

    def test_planted_ones_are_found(self):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "src/sim/planted.c"
            source.parent.mkdir(parents=True)
            for line, name in (("int x = atoi(text);", "atoi"), ("free(x);", "free"), ("exit (1);", "exit"),
                               ("if (a) printf(s);", "printf")):
                source.write_text(f"/* printf(no) */\n{line}\n")
                found = list(problems(Path(folder)))
                self.assertEqual(1, len(found), found)
                self.assertIn(f"planted.c:2: {name}()", found[0])
            for line in ("qsti_free(x);", "allocator->free(x);", 'log("printf(x)");', "// system(x)", "reprintf(x);"):
                source.write_text(line)
                self.assertEqual([], list(problems(Path(folder))))


if __name__ == "__main__":
    unittest.main()
