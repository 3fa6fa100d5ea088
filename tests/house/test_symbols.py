"""What the libraries show to the world: the shared one exports every function of the public headers and nothing else;
the static one has no global name that could clash with a user's."""
import os
import re
import subprocess
import unittest

from source_tree import ROOT, code_of, files

SHARED, STATIC = os.environ["QSTILL_SHARED"], os.environ["QSTILL_STATIC"]


def defined(*arguments):
    """Names of the defined symbols, by nm."""
    text = subprocess.run(["nm", "--defined-only", "--portability", *arguments], capture_output=True, text=True,
                          check=True).stdout
    return {fields[0] for line in text.splitlines() if len(fields := line.split()) >= 2 and len(fields[1]) == 1}


class Symbols(unittest.TestCase):
    def test_the_shared_library_exports_the_public_functions_only(self):
        declared = set()
        for path in files(ROOT, "include", endings=(".h",)):
            declared |= set(re.findall(r"QST_API[^;{]*?\b(qst_\w+)\s*\(", "\n".join(code_of(path))))
        self.assertGreater(len(declared), 100)
        self.assertEqual(declared, defined("--dynamic", SHARED))

    def test_the_static_library_has_names_of_ours_only(self):
        ours = re.compile(r"qst_|qsti_|__(asan|odr|gcov)")
        self.assertEqual(set(), {name for name in defined("--extern-only", STATIC) if not ours.match(name)})


if __name__ == "__main__":
    unittest.main()
