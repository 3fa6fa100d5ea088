"""Networks and hybrids by recipes: the recipes of examples/, stages, files that are read again, the same bits for any number
of threads, keys that do not fit."""
import json
import re


import program
from program import SOURCE, ProgramTest

RECIPES = SOURCE / "examples/recipes"
# The recipe of Fashion-MNIST on images that the library carries.
DIGITS = ["--set", "data.source=digits", "--set", "data.test=0.25", "--set", "teacher.train.epochs=4", "--set",
          "student.train.epochs=20", "--set", "student.train.learning_rate=0.01"]


class Networks(ProgramTest):
    def run_recipe(self, name, *arguments, out="r"):
        return self.qstill("run", RECIPES / name, "--out", out, "--json", "--quiet", *arguments).json

    def test_cnn_to_mlp(self):
        report = self.run_recipe("fashion_cnn.yaml", *DIGITS)
        parameters = report["settings"][0]["compression"]["parameters"]
        conv = 32 * 10 + 64 * (32 * 9 + 1)
        self.assertEqual(parameters["teacher"]["classical"], conv + 128 * (64 * 4 + 1) + 10 * 129)
        self.assertEqual(parameters["student"]["classical"], 32 * 65 + 10 * 33)
        self.assertEqual(parameters["teacher"]["quantum"], 0)
        self.assertGreater(report["settings"][0]["teacher"]["accuracy"], 0.8)
        self.assertGreater(report["settings"][0]["student"]["accuracy"], 0.5)

    def test_mlp_to_hybrid(self):
        report = self.run_recipe("wine_hybrid.yaml")
        setting = report["settings"][0]
        self.assertGreater(setting["teacher"]["accuracy"], 0.8)
        self.assertGreater(setting["student"]["accuracy"], 0.8)
        student = setting["compression"]["parameters"]["student"]
        self.assertEqual(student["classical"], 2 * 14 + 6 * 4 + 3 * 7)
        self.assertGreater(student["quantum"], 0)
        self.assertEqual(setting["compression"]["qubits"]["student"], 2)

    def test_threads_do_not_show(self):
        for name, arguments in (("fashion_cnn.yaml", DIGITS), ("wine_hybrid.yaml", ["--set", "seeds=1"])):
            for threads in (1, 3):
                self.run_recipe(name, *arguments, "--threads", threads, out=f"{name}-{threads}")
            files = sorted(p.relative_to(self.folder / f"{name}-1")
                           for p in (self.folder / f"{name}-1").rglob("*.safetensors"))
            self.assertGreater(len(files), 1)
            for path in files:
                first, second = ((self.folder / f"{name}-{n}" / path).read_bytes() for n in (1, 3))
                self.assertEqual(first, second, path)

    def test_stages_and_the_resolved_recipe(self):
        recipe = "data: {source: digits}\nteacher:\n  model: network\n" \
                 "  network: [{conv: {channels: 4, kernel: [3, 2], stride: 2, padding: 1}}, batch_norm, gelu, " \
                 "global_avg_pool, {leaky_relu: 0.2}, {dropout: 0.1}]\n" \
                 "  train: {batch: 32, epochs: 2}\nstudent: {model: mlp, hidden: [4], activation: tanh}\n"
        (self.folder / "n.yaml").write_text(recipe)
        self.qstill("data", "n.yaml", "-o", "d", "--quiet")
        said = self.qstill("teacher", "n.yaml", "--data", "d", "-o", "t", "--quiet")
        self.assertRegex(said.out, r"t: network, 0 \+ 86 parameters")
        model = json.loads((self.folder / "t/model.json").read_text())
        self.assertEqual(model["kind"], "network")
        self.assertEqual(model["n_weights"], 4 * 7 + 8 + 10 * 5 + 8)
        self.assertEqual([layer["kind"] for layer in model["network"]["layers"]],
                         ["conv", "batch_norm", "gelu", "global_avg_pool", "leaky_relu", "dropout", "dense"])
        self.assertEqual(model["network"]["layers"][0]["padding"], [1, 1])
        self.qstill("knowledge", "--teacher", "t", "--data", "d", "-o", "k", "--quiet")
        self.qstill("student", "n.yaml", "--knowledge", "k", "--data", "d", "-o", "s", "--quiet", "--set",
                    "student.train.epochs=2")
        self.qstill("verify", "--student", "s", "--knowledge", "k", "--data", "d", "-o", "v", "--quiet")

    def test_what_does_not_fit(self):
        for number, (arguments, code, message) in enumerate([
                (["teacher.network=[{conv: 4}, conv]"], 2, r"network: conv takes a value: \{conv: \.\.\.\}"),
                (["teacher.network=[relo]"], 2, r'"relo" is not a kind of layer; did you mean relu\?'),
                (["teacher.network=[{dense: 0}]"], 2, r"dense: \"0\" is not an integer in 1\.\."),
                (["teacher.network=[{conv: {kernel: 3}}]"], 2, "conv: channels are missing"),
                (["teacher.network=[{max_pool: {stride: 3}}]"], 2, "max_pool: the kernel is missing"),
                (["teacher.network=[{conv: {channels: 2, size: 3}}]"], 2, '"size" is not one of channels, kernel'),
                (["teacher.network=[]"], 2, "teacher.network: missing, a list of layers"),
                (["teacher.network=[{conv: {channels: 2, kernel: 9}}]"], 2, "kernel of height 9 does not fit"),
                (["teacher.image=[1, 8]"], 2, r"an image is \[channels, height, width\]"),
                (["teacher.image=[1, 8, 7]"], 5, r"image: \[1, 8, 7\] does not have 64 values"),
                (["teacher.hidden=[3]"], 2, "teacher.hidden contradicts teacher.model: network has no hidden"),
                (["teacher.qubits=3"], 2, "network has no circuit"),
                (["teacher.network=[{dropout: 0.5}]", "teacher.train.optimizer=lbfgs"], 2,
                 "lbfgs needs the same loss"),
                (["student={model: circuit, qubits: 2, before: [{dense: 2}], head: scale, after: [relu]}"], 2,
                 "student.head contradicts student.after"),
                (["student={model: circuit, qubits: 2, image: [1, 8, 8]}"], 2, "takes features")]):
            with self.subTest(arguments=arguments):
                (self.folder / "n.yaml").write_text("data: {source: digits}\nteacher: {model: network, network: [relu]}\n"
                                                    "student: {model: mlp}\n")
                sets = [word for argument in arguments for word in ("--set", argument)]
                result = self.qstill("run", "n.yaml", "--out", f"r{number}", "--quiet", *sets, code=code)
                self.assertTrue(re.search(message, result.err), result.err)


if __name__ == "__main__":
    program.unittest.main()
