"""`qstill predict` where the model's circuit is measured: exact values, shots and their standard errors, noise, devices, mitigation,
adaptive shots; and what is refused."""
import math

from program import SOURCE, CloudTest, cloud_rows, main

DEVICES = SOURCE / "tests/golden/devices"
MANILA = ["--device", DEVICES / "props_manila.json", "--device", DEVICES / "conf_manila.json", "--max-age", "0"]
ROWS = 8
TWO_QUBIT_NOISE = "2:depolarizing=0.02"


def rms(table, other):
    off = [a - b for row, mine in zip(table, other) for a, b in zip(row, mine)]
    return math.sqrt(sum(d * d for d in off) / len(off))


class PredictTest(CloudTest):
    def setUp(self):
        super().setUp()
        self.write("x.csv", "a,b,c,d\n" + "".join(",".join(map(repr, row)) + "\n" for row, _ in cloud_rows(ROWS)))

    def make(self, *sets, folder="run"):
        """A student of its own, in a fraction of a second."""
        sets = ["seeds=1", *(sets or ["student.qubits=3"])]
        self.qstill("run", "recipe.yaml", "-o", folder, "-q", *[word for s in sets for word in ("--set", s)])
        return f"{folder}/default/seed-3/student"

    def predict(self, model, *more):
        return self.qstill("predict", model, "--data", "x.csv", "--json", *more).json

    def assert_close(self, table, other, most):
        for row, mine in zip(table, other, strict=True):
            for a, b in zip(row, mine, strict=True):
                self.assertLessEqual(abs(a - b), most)

    def deviations(self, model, exact, *more, seeds=30):
        """(score - exact score) / standard error over rows, classes and seeds."""
        found = []
        for seed in range(seeds):
            done = self.predict(model, *more, "--seed", seed)
            for row, truth, errors in zip(done["scores"], exact["scores"], done["standard_errors"], strict=True):
                found += [(a - b) / e for a, b, e in zip(row, truth, errors, strict=True) if e > 0]
        return found

    def assert_calibrated(self, found):
        """Mean 0, variance 1. Scores of a row are correlated: as if a third of them were there."""
        n, mean = len(found), sum(found) / len(found)
        self.assertLess(abs(mean), 5 / math.sqrt(n / 3), "bias")
        self.assertLess(abs(sum(d * d for d in found) / n - 1), 5 * math.sqrt(2 / (n / 3)), "standard errors")


class Exact(PredictTest):
    def test_without_noise_and_shots_it_is_predict(self):
        kinds = (["student.qubits=3"], ["student.outputs=[x, zz, y]"], ["student.qubits=3", "student.head=scale"],
                 ["student.qubits=3", "student.head=none"], ["student.outputs=[probabilities]"],
                 ["student.outputs=[grouped]", "student.head=none"],
                 ["student={model: circuit, qubits: 2, before: [{dense: 2}], after: [relu], train: {learning_rate: 0.05, batch: 16, epochs: 2}}"])
        for i, sets in enumerate(kinds):
            model = self.make(*sets, folder=f"run-{i}")
            plain = self.predict(model)
            self.assertEqual(sorted(plain), ["classes", "labels", "probabilities"])
            measured = self.predict(model, "--shots", "0")
            self.assert_close(measured["probabilities"], plain["probabilities"], 1e-12)
            self.assertEqual((measured["labels"], measured["shots"], measured["method"]), (plain["labels"], 0, "none"))
            self.assertNotIn("standard_errors", measured)

    def test_readout_is_taken_back(self):
        for i, outputs in enumerate(("[z, zz]", "[x, yy]", "[probabilities]")):
            model = self.make("student.qubits=3", f"student.outputs={outputs}", folder=f"run-{i}")
            plain = self.predict(model)
            noise = ["--noise", "readout=0.02,0.07", "--noise", "q1:readout=0.1"]
            self.assertGreater(rms(self.predict(model, *noise)["probabilities"], plain["probabilities"]), 1e-3)
            self.assert_close(self.predict(model, *noise, "--mitigate", "readout")["probabilities"], plain["probabilities"], 1e-9)

    def test_extrapolation_goes_towards_ideal(self):
        model = self.make()
        plain = self.predict(model, "--shots", "0")
        noisy = self.predict(model, "--noise", TWO_QUBIT_NOISE)
        self.assertEqual(noisy["noise"], [TWO_QUBIT_NOISE])
        off = rms(noisy["scores"], plain["scores"])
        self.assertGreater(off, 0.02)
        for how in ([], ["--extrapolate", "polynomial"], ["--extrapolate", "exponential", "--scales", "1,3"]):
            better = self.predict(model, "--noise", TWO_QUBIT_NOISE, "--mitigate", "zne", *how)
            self.assertLess(rms(better["scores"], plain["scores"]), 0.5 * off, how)
        on_manila = self.predict(model, *MANILA)
        both = self.predict(model, *MANILA, "--mitigate", "both", "--extrapolate", "polynomial")
        self.assertLess(rms(both["scores"], plain["scores"]), 0.3 * rms(on_manila["scores"], plain["scores"]))
        self.assertEqual(both["circuits_a_sample"], 3)

    def test_places(self):
        model = self.make()
        best = self.predict(model, *MANILA)["placement"]
        self.assertEqual((best["device"], len(best["qubits"])), ("ibmq_manila", 3))
        self.assertTrue(0.5 < best["fidelity"] < 1)
        given = self.predict(model, *MANILA, "--layout", "2,1,0")["placement"]
        self.assertEqual((given["layout"], given["qubits"]), ([2, 1, 0], [0, 1, 2]))
        self.assertLessEqual(given["fidelity"], best["fidelity"])
        inside = self.predict(model, *MANILA, "--region", "1,2,3")["placement"]
        self.assertEqual(inside["qubits"], [1, 2, 3])
        told = self.qstill("device", "place", model, *MANILA, "--json").json
        self.assertEqual((told["qubits"], told["fidelity"]), (best["qubits"], best["fidelity"]))


class Shots(PredictTest):
    def test_many_shots_converge(self):
        model = self.make()
        exact = self.predict(model, "--shots", "0")
        for shots in (1000, 1000000):
            done = self.predict(model, "--shots", shots)
            self.assertEqual((done["shots"], done["shots_a_row"], done["mean_shots"]), (ROWS * shots, [shots] * ROWS, shots))
            for row, truth, errors in zip(done["scores"], exact["scores"], done["standard_errors"]):
                for a, b, e in zip(row, truth, errors):
                    self.assertLess(abs(a - b), 5 * e)
                    self.assertLess(e, 6 / math.sqrt(shots) * 3)

    def test_standard_errors(self):
        """Of sums of correlated outputs from one circuit and from several; of single outputs; of disjoint outcomes."""
        cases = ((["student.outputs=[z, zz]"], []), (["student.outputs=[x, zz, y]"], []),
                 (["student.qubits=3", "student.head=scale"], []), (["student.outputs=[probabilities]"], []),
                 (["student.outputs=[z, zz]"], ["--noise", TWO_QUBIT_NOISE, "--mitigate", "zne"]))
        for i, (sets, noise) in enumerate(cases):
            model = self.make(*sets, folder=f"run-{i}")
            exact = self.predict(model, *noise, *([] if noise else ["--shots", "0"]))
            with self.subTest(sets=sets, noise=noise):
                self.assert_calibrated(self.deviations(model, exact, *noise, "--shots", "400"))

    def test_a_device_is_its_exact_noise_on_average(self):
        model = self.make()
        exact = self.predict(model, *MANILA)
        self.assertEqual(exact["method"], "exact")
        self.assert_calibrated(self.deviations(model, exact, *MANILA, "--shots", "300", seeds=25))

    def test_trajectories(self):
        model = self.make()
        noise = ["--noise", "2:depolarizing=0.05", "--noise", "1:amplitude_damping=0.01"]
        exact, plain = self.predict(model, *noise), self.predict(model, "--shots", "0")
        off = rms(exact["scores"], plain["scores"])
        for more, twirled in (([], False), (["--twirl"], True)):
            drawn = self.predict(model, *noise, "--trajectories", "4000", *more)
            self.assertEqual((drawn["method"], drawn["trajectories"], drawn["twirled"]), ("trajectories", 4000, twirled))
            self.assertLess(rms(drawn["scores"], exact["scores"]), 0.25 * off)
            self.assertNotEqual(drawn["scores"], self.predict(model, *noise, "--trajectories", "4000", "--seed", "1", *more)["scores"])

    def test_no_standard_errors_where_there_are_none(self):
        after = self.make("student={model: circuit, qubits: 2, after: [relu], train: {learning_rate: 0.05, batch: 16, epochs: 2}}")
        self.assertNotIn("standard_errors", self.predict(after, "--shots", "100"))
        linear = self.make(folder="linear")
        noise = ["--noise", TWO_QUBIT_NOISE, "--mitigate", "zne", "--shots", "100"]
        self.assertNotIn("standard_errors", self.predict(linear, *noise, "--choose-scales"))
        self.assertNotIn("standard_errors", self.predict(linear, *noise, "--extrapolate", "exponential"))
        self.assertIn("standard_errors", self.predict(linear, *noise))

    def test_adaptive(self):
        model = self.make()
        self.write("x.csv", "a,b,c,d\n" + "".join(",".join(map(repr, row)) + "\n" for row, _ in cloud_rows(100)))
        shots = 4000
        exact = self.predict(model)
        full = self.predict(model, "--shots", shots)
        done = self.predict(model, "--shots", shots, "--adaptive", "10")
        self.assertLess(done["mean_shots"], 0.5 * shots)
        self.assertEqual(sum(done["shots_a_row"]), done["shots"])
        self.assertTrue(all(n % (shots // 10) == 0 and 0 < n <= shots for n in done["shots_a_row"]))
        self.assertGreaterEqual(sum(a == b for a, b in zip(done["labels"], full["labels"])), 95)
        # Those left early are wrong with probability 0.05 at most.
        left = [a == b for a, b, n in zip(done["labels"], exact["labels"], done["shots_a_row"]) if n < shots]
        self.assertGreaterEqual(sum(left), 0.95 * len(left) - 1)
        careful = self.predict(model, "--shots", shots, "--adaptive", "10", "--significance", "1e-6")
        self.assertGreater(careful["shots"], done["shots"])

    def test_same_seed_same_bytes(self):
        model = self.make()
        for options in (["--shots", "50"], [*MANILA, "--shots", "50", "--mitigate", "both"],
                        ["--noise", TWO_QUBIT_NOISE, "--trajectories", "20"], ["--shots", "100", "--adaptive", "4"]):
            words = ["predict", model, "--data", "x.csv", *options, "--json"]
            one = self.qstill(*words, "--seed", "7", "--threads", "1").out
            self.assertEqual(one, self.qstill(*words, "--seed", "7", "--threads", "3").out)
            self.assertNotEqual(one, self.qstill(*words, "--seed", "8").out)
        self.qstill("predict", model, "--data", "x.csv", "--shots", "50", "-o", "y.npy")
        self.assert_close(self.read_npy("y.npy"), self.predict(model, "--shots", "50")["probabilities"], 0)


class Refusals(PredictTest):
    def test_refusals(self):
        model = self.make()
        noise = ["--noise", TWO_QUBIT_NOISE]
        cases = (
            (["--layout", "0,1,2"], "--layout belongs to --device"), (["--region", "0,1,2"], "--region belongs to --device"),
            (["--conf", "x"], "--conf belongs to --device"), (["--max-age", "0"], "--max-age belongs to --device"),
            (["--temperature-mk", "10"], "--temperature-mk belongs"), (["--readout", "symmetric"], "--readout belongs"),
            (["--allow-dead-edges"], "--allow-dead-edges belongs"), (["--time-1q-ns", "5"], "--time-1q-ns belongs"),
            (["--seed", "1"], "--seed belongs to --shots"), ([*noise, "--seed", "1"], "--seed .* --shots or noise by trajectories"),
            (["--shots", "0", "--seed", "1"], "--seed belongs"), (["--mitigate", "zne"], "--mitigate belongs to --device or --noise"),
            (["--shots", "9", "--mitigate", "both"], "--mitigate belongs to --device or --noise"),
            ([*noise, "--scales", "1,2"], "--scales belongs to --mitigate"),
            ([*noise, "--mitigate", "readout"], "--mitigate readout: .*errors of readout"),
            ([*noise, "--mitigate", "both"], "--mitigate both: .*errors of readout"),
            (["--noise", "readout=0.1", "--mitigate", "zne"], "--mitigate zne: .*noise behind gates"),
            ([*noise, "--mitigate", "zne", "--choose-scales"], "--choose-scales belongs to --shots"),
            ([*noise, "--extrapolate", "linear"], "--extrapolate belongs to --mitigate"),
            ([*noise, "--mitigate", "zne", "--scales", "1"], "--scales: 1 is not 2 to 16 numbers"),
            ([*noise, "--mitigate", "zne", "--scales", "1,x"], "--scales: 1,x"), ([*noise, "--mitigate", "zne", "--scales", "3,1"], "scales"),
            ([*noise, "--mitigate", "zne", "--scales", "0.5,1"], "scales"), (["--shots", "9", "--trajectories", "5"], "--trajectories belongs"),
            (["--noise", "readout=0.1", "--trajectories", "5"], "--trajectories 5: .*noise behind gates"),
            ([*noise, "--trajectories", "0"], "--trajectories: 0 is not"), ([*noise, "--twirl"], "--twirl.*trajectories of noise with relaxation"),
            ([*noise, "--trajectories", "5", "--twirl"], "--twirl.*relaxation"), (["--twirl"], "--twirl belongs"),
            (["--adaptive", "5"], "--adaptive belongs to --shots"), (["--shots", "100", "--adaptive", "1"], "--adaptive: 1 is not"),
            (["--shots", "100", "--adaptive", "101"], "--adaptive: 101 is not"), (["--shots", "9", "--significance", "0.1"], "--significance belongs"),
            (["--shots", "100", "--adaptive", "4", "--significance", "0"], "--significance: 0"),
            (["--shots", "4294967296"], "--shots: 4294967296 is not"), ([*MANILA, *noise], "--noise does not go with --device"),
            ([*MANILA, "--layout", "0,1,2", "--region", "0,1,2"], "--region: not with --layout"),
            ([*MANILA, "--layout", "0,1,9"], "9"), (["--noise", "what=1"], "what"), (["--noise", "q7:depolarizing=0.1"], "q0..q2"))
        for words, message in cases:
            self.refused(2, message, "predict", model, "--data", "x.csv", *words)
        self.refused(5, "layout", "predict", model, "--data", "x.csv", *MANILA, "--layout", "0,1")
        self.write("device.json", "{}")
        self.refused(2, "--out", "predict", model, "--data", "x.csv", "--device", "device.json", "-o", "device.json", "--force")

    def test_what_cannot_be_measured(self):
        self.make()
        self.refused(4, "no circuit", "predict", "run/default/seed-3/floor", "--data", "x.csv", "--shots", "10")
        after = self.make("student={model: circuit, qubits: 2, after: [relu], train: {learning_rate: 0.05, batch: 16, epochs: 2}}", folder="after")
        self.refused(4, "network behind the circuit", "predict", after, "--data", "x.csv", "--shots", "100", "--adaptive", "4")
        linear = ["predict", "run/default/seed-3/student", "--data", "x.csv"]
        self.refused(4, "no variances", *linear, "--noise", TWO_QUBIT_NOISE, "--mitigate", "zne", "--shots", "100", "--choose-scales",
                     "--adaptive", "4")
        amplitude = self.make("student.qubits=2", "student.encoding=amplitude", folder="amplitude")
        self.refused(4, "prepar", "predict", amplitude, "--data", "x.csv", *MANILA)


if __name__ == "__main__":
    main()
