"""What the documents say is so: C blocks are whole files that compile, and run when they have a main(); JSON parses;
recipes are taken by the program; links, paths and paper keys lead somewhere."""
import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from source_tree import ROOT, expect_none, files

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
NAMED = re.compile(r"\b((?:docs|src|cli|include|tests|examples|scripts|data|cmake)/[\w./-]*\w"
                   r"\.(?:md|bib|c|h|def|py|yaml|cmake|csv))\b")
KEY = re.compile(r"\[([a-z]+(?:19|20)\d\d[a-z]?)\]")


def pages():
    return sorted([*ROOT.glob("*.md"), *files(ROOT, "docs", "src", "data", "tests", endings=(".md",))])


def blocks(language):
    for page in pages():
        for match in FENCE.finditer(page.read_text(encoding="utf-8")):
            if match.group(1) == language:
                line = page.read_text(encoding="utf-8")[: match.start()].count("\n") + 1
                yield f"{page.relative_to(ROOT)}:{line}", match.group(2)


def program_of_the_main_header():
    """The program in the opening comment of qstill.h."""
    text = (ROOT / "include/qstill/qstill.h").read_text(encoding="utf-8")
    lines = [line.removeprefix(" *     ") for line in text.split("*/")[0].split("\n") if line.startswith(" *     ")]
    return "include/qstill/qstill.h:1", "\n".join(lines) + "\n"


class Documents(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_in_folder(self, where, *command):
        done = subprocess.run([str(part) for part in command], cwd=self.folder, capture_output=True, text=True,
                              check=False, env={**os.environ, "QSTILL_DATA": str(ROOT / "data")})
        self.assertEqual(0, done.returncode, f"{where}: {command[0]} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def test_c_blocks(self):
        found = [program_of_the_main_header(), *blocks("c")]
        self.assertGreater(len(found), 1)
        for where, text in found:
            source, program = self.folder / "block.c", self.folder / "block"
            source.write_text(text, encoding="utf-8")
            compile_only = [] if "int main(" in text else ["-c"]
            shared = Path(os.environ["QSTILL_SHARED"])
            libraries = [] if compile_only else [shared, "-lm", f"-Wl,-rpath,{shared.parent}"]
            self.run_in_folder(where, os.environ["QSTILL_CC"], "-std=c17", "-Wall", "-Wextra", "-Werror", *compile_only,
                               f"-I{ROOT}/include", source, "-o", program, *libraries)
            if not compile_only:
                self.assertNotEqual("", self.run_in_folder(where, program))

    def test_json_blocks(self):
        for where, text in blocks("json"):
            decoder, at = json.JSONDecoder(), 0
            while text[at:].strip():
                at += len(text[at:]) - len(text[at:].lstrip())
                try:
                    at = decoder.raw_decode(text, at)[1]
                except json.JSONDecodeError as error:
                    self.fail(f"{where}: {error}")

    def test_recipes(self):
        whole = [(where, text) for where, text in blocks("yaml")
                 if all(re.search(rf"^{key}:", text, re.M) for key in ("data", "teacher", "student"))]
        self.assertGreater(len(whole), 0)
        for number, (where, text) in enumerate(whole):
            recipe = self.folder / f"recipe{number}.yaml"
            recipe.write_text(text, encoding="utf-8")
            self.run_in_folder(where, os.environ["QSTILL_PROGRAM"], "data", recipe, "--out", self.folder / f"{number}")

    def test_links_and_paths(self):
        lost = []
        for page in pages():
            text = page.read_text(encoding="utf-8")
            lost += [f"{page.relative_to(ROOT)}: link to {target}" for target in LINK.findall(text)
                     if "://" not in target and not (page.parent / target).exists()]
        sources = files(ROOT, "include", "src", "cli", "examples", endings=(".c", ".h", ".def", ".yaml"))
        for path in [*pages(), *sources]:
            for name in NAMED.findall(path.read_text(encoding="utf-8")):
                if not (ROOT / name).exists() and not (ROOT / "src" / name).exists():
                    lost.append(f"{path.relative_to(ROOT)}: names {name}, which is not there")
        expect_none(self, lost)

    def test_papers(self):
        known = set(re.findall(r"^@\w+\{(\w+),", (ROOT / "docs/papers.bib").read_text(encoding="utf-8"), re.M))
        lost = []
        for page in pages():
            known |= set(re.findall(r"^- \[(\w+)\] ", page.read_text(encoding="utf-8"), re.M))
        for path in [*pages(), *files(ROOT, "include", "src", endings=(".c", ".h", ".def"))]:
            keys = KEY.findall(path.read_text(encoding="utf-8"))
            lost += [f"{path.relative_to(ROOT)}: [{key}] is not in docs/papers.bib" for key in keys if key not in known]
        expect_none(self, lost)

    def test_the_index_names_every_page(self):
        index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
        expect_none(self, [f"docs/README.md does not name {page.relative_to(ROOT / 'docs')}"
                           for page in sorted((ROOT / "docs").rglob("*.md"))
                           if page.name != "README.md" and f"({page.relative_to(ROOT / 'docs')})" not in index])

    def test_the_readme_of_src_names_every_module(self):
        text = (ROOT / "src/README.md").read_text(encoding="utf-8")
        expect_none(self, [f"src/README.md does not name {path.name}/" for path in sorted((ROOT / "src").iterdir())
                           if path.is_dir() and f"`{path.name}/`" not in text])


if __name__ == "__main__":
    unittest.main()
