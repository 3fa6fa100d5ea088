"""What is installed works on its own: the program finds its data, each header compiles alone, and a user's program
builds with pkg-config alone against the shared and the static library."""
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from source_tree import ROOT

SANITIZED = "-fsanitize" in (Path(os.environ["QSTILL_BUILD"]) / "build.ninja").read_text()
STRICT = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Wstrict-prototypes", "-Werror"]


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise AssertionError(f"{command} gave {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


@unittest.skipIf(SANITIZED, "a sanitizer build is not installed")
class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.prefix = Path(cls.folder.name) / "prefix"
        run(os.environ["QSTILL_CMAKE"], "--install", os.environ["QSTILL_BUILD"], "--prefix", cls.prefix)
        (pc,) = cls.prefix.rglob("qstill.pc")
        cls.lib_folder = pc.parent.parent
        # --define-variable as the prefix of this installation is not the one that was configured
        cls.pkg_config = ["pkg-config", f"--define-variable=prefix={cls.prefix}", "qstill"]
        cls.environment = {**os.environ, "PKG_CONFIG_PATH": str(pc.parent), "LD_LIBRARY_PATH": str(cls.lib_folder)}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def flags(self, *what):
        return run(*self.pkg_config, *what, env=self.environment).split()

    def build_and_run(self, name, *flags):
        program = Path(self.folder.name) / name
        run(os.environ["QSTILL_CC"], *STRICT, ROOT / "examples" / "gradients.c", "-o", program, *flags, "-lm")
        return run(program, env=self.environment)

    def test_the_program_and_its_data(self):
        environment = {**self.environment, "QSTILL_DATA": str(self.prefix / "share/qstill/data")}
        self.assertIn("0.1.0", run(self.prefix / "bin/qstill", "info", env=environment))
        for name in ("digits.csv.gz", "iris.csv", "wine.csv", "breast_cancer.csv", "README.md"):
            self.assertTrue((self.prefix / "share/qstill/data" / name).is_file(), name)

    def test_the_version_is_that_of_the_changelog(self):
        version = run(*self.pkg_config, "--modversion", env=self.environment).strip()
        self.assertIn(f"\n## {version}", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))

    def test_shared(self):
        self.assertIn("adjoint", self.build_and_run("shared", *self.flags("--cflags", "--libs")))

    def test_static(self):
        flags = [f"{self.lib_folder}/libqstill.a" if flag == "-lqstill" else flag
                 for flag in self.flags("--cflags", "--libs", "--static")]
        self.assertIn("adjoint", self.build_and_run("static", *flags))

    def test_each_header_compiles_alone(self):
        headers = sorted((self.prefix / "include/qstill").glob("*.h"))
        self.assertEqual({path.name for path in (ROOT / "include/qstill").glob("*.h")}, {path.name for path in headers})
        languages = [(os.environ["QSTILL_CC"], STRICT)]
        if shutil.which("c++"):
            languages.append(("c++", ["-x", "c++", "-std=c++17", "-Wall", "-Wextra", "-Werror"]))
        for compiler, options in languages:
            for header in headers:
                source = Path(self.folder.name) / "alone.c"
                source.write_text(f"#include <qstill/{header.name}>\nint main(void)\n{{\n    return 0;\n}}\n")
                run(compiler, *options, f"-I{self.prefix}/include", "-fsyntax-only", source)


if __name__ == "__main__":
    unittest.main()
