"""Every C file is as clang-format writes it, and every text file as .editorconfig says."""
import shutil
import subprocess
import unittest

from source_tree import FOLDERS_OF_C, ROOT, expect_none, files

TEXT = (".c", ".h", ".def", ".py", ".md", ".yaml", ".cmake", ".txt", ".json", ".scd", ".bib")
LONG_LINES = (".c", ".h")


class Format(unittest.TestCase):
    @unittest.skipUnless(shutil.which("clang-format"), "clang-format is not installed")
    def test_clang_format_changes_nothing(self):
        sources = [str(path) for path in files(ROOT, *FOLDERS_OF_C)]
        self.assertGreater(len(sources), 100)
        done = subprocess.run(["clang-format", "--dry-run", "--Werror", *sources], capture_output=True, text=True,
                              check=False)
        expect_none(self, done.stderr.splitlines())

    def test_text_files(self):
        wrong = []
        for path in [*files(ROOT, *FOLDERS_OF_C, "docs", "cmake", "data", endings=TEXT), *sorted(ROOT.glob("*.md"))]:
            if "golden" in path.parts and path.suffix == ".json":
                continue
            name, text = path.relative_to(ROOT), path.read_bytes().decode("utf-8")
            lines = text.split("\n")
            if text and not text.endswith("\n"):
                wrong.append(f"{name}: does not end with a newline")
            for number, line in enumerate(lines, 1):
                if line.endswith((" ", "\t", "\r")):
                    wrong.append(f"{name}:{number}: blanks at the end of the line")
                if "\t" in line and path.suffix != ".scd":
                    wrong.append(f"{name}:{number}: a tab")
                if len(line) > 120 and path.suffix in LONG_LINES:
                    wrong.append(f"{name}:{number}: {len(line)} columns")
        expect_none(self, wrong)


if __name__ == "__main__":
    unittest.main()
