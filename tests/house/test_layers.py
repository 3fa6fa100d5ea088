"""Follows the #includes: dependencies point downwards only. The table of what each module may use is here and nowhere
else; ARCHITECTURE.md explains it."""
import re
import tempfile
import unittest
from pathlib import Path

from source_tree import ROOT, code_of, expect_none, files

# Module -> the modules whose headers it may include, besides its own.
BELOW = {
    "base": [],
    "circuit": ["base"],
    "device": ["base", "circuit"],
    "assembly": ["base", "circuit"],
    "qasm": ["base", "circuit", "assembly"],
    "draw": ["base", "circuit", "assembly"],
    "transpile": ["base", "circuit", "assembly"],
    "algorithms": ["base", "circuit", "assembly"],
    "noise": ["base", "circuit", "device"],
    "place": ["base", "circuit", "device", "assembly", "transpile", "noise"],
    "kernels": ["base"],
    "pauli": ["base", "circuit", "noise", "kernels"],
    "jumps": ["base", "circuit", "noise", "kernels"],
    "sim": ["base", "circuit", "device", "assembly", "noise", "kernels", "pauli", "jumps"],
    "measure": ["base", "circuit", "device", "noise", "place", "kernels", "sim"],
    "net": ["base", "kernels"],
    "learn": ["base", "circuit", "device", "assembly", "qasm", "noise", "place", "kernels", "sim", "measure", "net"],
    "import": ["base", "circuit", "assembly", "qasm", "net", "learn"],
    "data": ["base", "learn"],
    "teacher": ["base", "circuit", "assembly", "qasm", "learn", "data"],
    "knowledge": ["base", "circuit", "learn", "data", "teacher"],
    "student": ["base", "circuit", "device", "learn", "data", "knowledge"],
    "verify": ["base", "circuit", "learn", "data", "knowledge", "student"],
    "deploy": ["base", "circuit", "device", "assembly", "qasm", "noise", "place", "sim", "measure", "net", "learn", "data"],
    "job": ["base", "circuit", "device", "assembly", "qasm", "place", "measure", "learn", "data", "verify"],
    "recipe": ["base"],
    "run": ["base", "circuit", "device", "noise", "place", "sim", "measure", "learn", "import", "data", "teacher", "knowledge", "student", "verify", "recipe"],
}

# Public header -> the module it belongs to. What uses a header of include/qstill must be allowed to use its module.
PUBLIC = {
    "base.h": "base", "status.def": "base",
    "circuit.h": "circuit", "gates.def": "circuit",
    "device.h": "device", "topologies.def": "device", "noise.h": "noise", "channels.def": "noise",
    "place.h": "place", "measure.h": "measure",
    "assembly.h": "assembly", "qasm.h": "qasm", "draw.h": "draw", "draw_styles.def": "draw", "transpile.h": "transpile", "algorithms.h": "algorithms", "algorithms.def": "algorithms",
    "simulate.h": "sim", "execute.h": "sim", "density.h": "sim", "optimizations.def": "sim",
    "network.h": "net", "layers.def": "net",
    "loss.h": "learn", "model.h": "learn", "losses.def": "learn",
    "loss_parameters.def": "learn", "heads.def": "learn", "scores.def": "learn",
    "optimizers.def": "learn", "schedules.def": "learn", "preprocess.def": "learn",
    "import.h": "import", "data.h": "data", "teacher.h": "teacher", "knowledge.h": "knowledge", "student.h": "student",
    "controls.def": "student", "verify.h": "verify", "deploy.h": "deploy", "job.h": "job", "count_orders.def": "job", "run.h": "run",
    "qstill.h": None,  # of nobody: users only
}

# (who, what): headers beyond BELOW, with the reason.
ALSO = {
    # The fitted preprocessing travels with the model; its kinds of steps are those of the data stage.
    ("learn", "qstill/data.h"),
    # Extraction stands in the teacher's header, where the student's side cannot see it, and gives knowledge.
    ("teacher", "qstill/knowledge.h"),
    # Which kernels run is known where they are chosen, and asked for beside the simulator.
    ("kernels", "qstill/simulate.h"),
    # Blocks of rows and precisions, which a simulator and a network hand to the same callers.
    ("net", "qstill/simulate.h"),
    *((engine, "qstill/simulate.h") for engine in ("noise", "pauli", "jumps")),
    # A recipe is the options of all stages as typed values, and the lists of what a circuit may be made of.
    *(("recipe", f"qstill/{name}") for name, owner in PUBLIC.items() if owner),
    *(("recipe", f"circuit/{name}.def") for name in ("ansatze", "encodings", "entanglements")),
}

# What `student` may not see, not even through another header.
HIDDEN_FROM_STUDENT = ("qstill/teacher.h", "teacher/", "knowledge/extract.h", "knowledge/fourier_extract.h")

# Header of another project -> who may include it: each is wrapped in one place.
OUTSIDE = {
    "jansson.h": ["base"], "yaml.h": ["base"], "sha2.h": ["base"], "omp.h": [],
    "pthread.h": ["base", "learn"],  # learn: a lock around BLAS' number of threads, which belongs to the process
    "Random123/": ["base"], "zlib.h": ["data"], "zip.h": ["data"], "nlopt.h": ["learn"], "lapacke.h": ["learn"],
    "cblas.h": ["net", "learn"], "immintrin.h": ["kernels"], "popt.h": ["cli"],
    "protobuf-c/": ["import"], "onnx.pb-c.h": ["import"], "dlfcn.h": ["import"],
}

# Files of the reference simulator that know the library's circuits; the others share nothing with it.
REFERENCE_KNOWS = ("ref_describe.c", "ref_random.c", "test_reference.c")

INCLUDE = re.compile(r'\s*#\s*include\s*[<"]([^>"]+)[>"]')


def includes_of(path):
    return [(n + 1, match.group(1)) for n, line in enumerate(code_of(path)) if (match := INCLUDE.match(line))]


def owner_of(root, header):
    """The module whose header this is; None when it is not ours."""
    if header.startswith("qstill/"):
        return PUBLIC.get(header.removeprefix("qstill/"), "a public header that the table does not know")
    first = header.split("/")[0]
    if first in BELOW:
        return first
    return None


def find(root, header):
    for folder in ("include", "src"):
        if (root / folder / header).is_file():
            return root / folder / header
    return None


def reach(root, path):
    """Every header of ours that a file includes, directly or through others, with the way there."""
    found, todo = {}, [(path, [])]
    while todo:
        at, way = todo.pop()
        for _, header in includes_of(at):
            if header not in found and (below := find(root, header)):
                found[header] = way + [header]
                todo.append((below, found[header]))
    return found


def outside_problem(who, header):
    for name, users in OUTSIDE.items():
        if (header == name or (name.endswith("/") and header.startswith(name))) and who not in users:
            return f"{header} is wrapped by {' and '.join(users) or 'nobody'}"
    return None


def check_file(root, path, who):
    """Problems of one file of module `who` of src/, or of a public header of it."""
    for line, header in includes_of(path):
        place = f"{path.relative_to(root)}:{line}: {header}"
        if problem := outside_problem(who, header):
            yield f"{place}: {problem}"
        owner = owner_of(root, header)
        if header == "qstill/qstill.h":
            yield f"{place}: is for users of the library"
        elif owner is not None and owner != who and owner not in BELOW[who] and (who, header) not in ALSO:
            yield f"{place}: {who} may not use {owner}"
        elif not header.startswith("qstill/") and path.is_relative_to(root / "include") and owner is not None:
            yield f"{place}: a public header includes public headers only"
    if who == "student":
        for header, way in reach(root, path).items():
            if header.startswith(HIDDEN_FROM_STUDENT):
                yield f"{path.relative_to(root)}: student sees the teacher: {' -> '.join(way)}"


def check_users(root, folder):
    """The program, the examples: public headers, their own, and the system's."""
    for path in files(root, folder):
        for line, header in includes_of(path):
            place = f"{path.relative_to(root)}:{line}: {header}"
            if problem := outside_problem(folder, header):
                yield f"{place}: {problem}"
            if not header.startswith("qstill/") and (root / "src" / header).is_file():
                yield f"{place}: {folder} uses public headers only"


def problems(root):
    for module in sorted(path.name for path in (root / "src").iterdir() if path.is_dir()):
        if module not in BELOW:
            yield f"src/{module}: the table of layers does not know it"
            continue
        for path in files(root / "src", module, endings=(".c", ".h", ".def")):
            yield from check_file(root, path, module)
    for path in files(root, "include", endings=(".h", ".def")):
        who = PUBLIC.get(path.name, "?")
        if who == "?":
            yield f"include/qstill/{path.name}: the table of layers does not know it"
        elif who is not None:
            yield from check_file(root, path, who)
    for folder in ("cli", "examples"):
        yield from check_users(root, folder)
    for path in files(root, "tests/ref"):
        for line, header in includes_of(path):
            if path.name not in REFERENCE_KNOWS and (root / "src" / header).is_file():
                yield f"{path.relative_to(root)}:{line}: {header}: the reference shares no code with src/"


class Layers(unittest.TestCase):
    def test_dependencies_point_downwards(self):
        expect_none(self, problems(ROOT))

    def test_the_table_has_no_cycle(self):
        done = set()
        while len(done) < len(BELOW):
            ready = {name for name, below in BELOW.items() if name not in done and done.issuperset(below)}
            self.assertTrue(ready, f"a cycle among {set(BELOW) - done}")
            done |= ready


class PlantedViolations(unittest.TestCase):
    """The checker itself: each of these must be found."""

    def found(self, **planted):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            sources = {
                "include/qstill/base.h": "", "include/qstill/knowledge.h": "", "include/qstill/teacher.h": "",
                "include/qstill/circuit.h": "#include <qstill/base.h>\n",
                "include/qstill/data.h": "#include <qstill/base.h>\n",
                "src/base/memory.h": "#include <qstill/base.h>\n", "src/circuit/names.h": "",
                "src/teacher/teacher.h": "",
                "src/knowledge/knowledge.h": "#include <qstill/knowledge.h>\n",
                "src/student/student.c": '#include "knowledge/knowledge.h"\n', "src/sim/sweep.c": "",
                "src/net/dense.h": "",
                "cli/main.c": "#include <qstill/base.h>\n", "tests/ref/ref_gates.c": "", "examples/.keep": "",
                **{name.replace("__", "."): text for name, text in planted.items()},
            }
            for name, text in sources.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return list(problems(root))

    def planted(self, name, text):
        return "\n".join(self.found(**{name: text}))

    def test_a_clean_tree_has_none(self):
        self.assertEqual([], self.found())

    def test_upward(self):
        self.assertIn("base may not use circuit", self.planted("src/base/text.c", '#include "circuit/names.h"\n'))
        self.assertIn("base may not use circuit", self.planted("src/base/text.c", "#include <qstill/circuit.h>\n"))
        self.assertIn("circuit may not use data",
                      self.planted("include/qstill/circuit.h", "#include <qstill/data.h>\n"))

    def test_sideways(self):
        self.assertIn("sim may not use net", self.planted("src/sim/sweep.c", '#include "net/dense.h"\n'))

    def test_student_sees_teacher(self):
        self.assertIn("student may not use teacher",
                      self.planted("src/student/student.c", "#include <qstill/teacher.h>\n"))
        self.assertIn("knowledge/knowledge.h -> teacher/teacher.h",
                      self.planted("src/knowledge/knowledge.h", '#include "teacher/teacher.h"\n'))

    def test_inside_from_outside(self):
        self.assertIn("cli uses public headers only", self.planted("cli/main.c", '#include "base/memory.h"\n'))
        self.assertIn("public headers only", self.planted("include/qstill/base.h", '#include "base/memory.h"\n'))
        self.assertIn("shares no code", self.planted("tests/ref/ref_gates.c", '#include "circuit/names.h"\n'))

    def test_unwrapped_library(self):
        self.assertIn("jansson.h is wrapped by base", self.planted("src/sim/sweep.c", "#include <jansson.h>\n"))

    def test_unknown_module(self):
        self.assertIn("does not know it", self.planted("src/utils/utils.c", ""))

    def test_comments_do_not_count(self):
        self.assertEqual("", self.planted("src/sim/sweep.c", '/*\n * text\n */\n// #include "net/dense.h"\n'))


if __name__ == "__main__":
    unittest.main()
