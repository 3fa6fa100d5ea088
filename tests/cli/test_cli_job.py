"""`qstill deploy --device` and `qstill verify --counts`: a bundle is whole and runs on its device; counts in every form give the
same report; and what does not fit is refused."""
import copy
import hashlib
import json

from program import SOURCE, CloudTest, main

DEVICES = SOURCE / "tests/golden/devices"
MANILA = ["--device", DEVICES / "props_manila.json", "--device", DEVICES / "conf_manila.json", "--max-age", "0"]
SHOTS = 200
N = 6       # samples
BITS = 3


class JobTest(CloudTest):
    maxDiff = 2000

    def make(self, *sets, outputs="[z]"):
        sets = ["student.qubits=3", f"student.outputs={outputs}", "seeds=1", *sets]
        self.qstill("run", "recipe.yaml", "-o", "run", "-q", *[word for s in sets for word in ("--set", s)])

    def deploy(self, *more, **options):
        return self.qstill("deploy", "run/default/seed-3/student", *MANILA, "--shots", SHOTS, "--samples", f"test:{N}", "-o", "job", *more,
                           **options)

    def manifest(self):
        return json.loads((self.folder / "job/manifest.json").read_text())

    def run_circuits(self, job):
        """Counts by name, keys with c[0] right-most, from qstill's own device."""
        layout = ",".join(map(str, job["qubits"]))
        counts = {}
        for seed, circuit in enumerate(job["circuits"]):
            done = self.qstill("circuit", "simulate", f"job/{circuit['file']}", *MANILA, "--layout", layout, "--shots", SHOTS,
                               "--seed", seed, "--json").json
            counts[circuit["name"]] = done["counts"]
        return counts

    def verify(self, counts, *more, code=0, message=None):
        self.write("job/counts.json", json.dumps(counts))
        words = ["verify", "--counts", "job/counts.json", *more]
        if message is not None:
            return self.refused(code, message, *words)
        return self.qstill(*words, "--json").json


class Bundle(JobTest):
    def test_everything(self):
        """One bundle, for all of these: making a run takes seconds."""
        self.make()
        self.assertEqual(self.deploy("--json").json, {"form": "job", "folder": "job", "samples": N, "circuits_a_sample": 1,
                                                      "circuits": N + 1, "shots": (N + 1) * SHOTS})
        job = self.manifest()
        self.files(job)
        counts = self.run_circuits(job)
        report = self.verify(counts, "--order", "qiskit")
        self.figures(report)
        self.forms(job, counts, report)
        self.refusals(job, counts)
        self.places(job)

    def files(self, job):
        self.assertEqual(job["format"], "qstill-job/1")
        self.assertEqual((job["n_bits"], job["shots"], len(job["samples"]), job["split"]), (BITS, SHOTS, N, "test"))
        self.assertEqual(len(job["measured"]), BITS)
        for circuit in job["circuits"]:
            text = (self.folder / "job" / circuit["file"]).read_bytes()
            self.assertEqual(hashlib.sha256(text).hexdigest(), circuit["sha256"])
        for name in ("run_qiskit.py", "run_cirq.py", "run_pennylane.py"):
            compile((self.folder / "job" / name).read_text(), name, "exec")

    def figures(self, report):
        self.assertEqual((report["samples"], report["shots"], report["readout_mitigated"]), (N, SHOTS, False))
        for column in ("ideal", "model", "measured"):
            self.assertTrue(0 <= report[column]["accuracy_interval"][0] <= report[column]["accuracy"] <= 1)
        self.assertEqual(report["ideal"]["agreement_with_ideal"], 1)
        self.assertEqual(report["ideal"]["output_rmse"], 0)
        self.assertGreater(report["model"]["output_rmse"], 0.01)       # manila is noisy
        self.assertLess(report["measured"]["output_rmse"], report["model"]["output_rmse"] + 4 * report["output_rmse_of_shots"])
        self.assertGreater(report["selftest"], 0.8)
        mitigated = self.qstill("verify", "--counts", "job/counts.json", "--order", "qiskit", "--mitigate", "--json", "--out", "kept")
        self.assertEqual(mitigated.json, json.loads((self.folder / "kept/report.json").read_text()))
        self.assertLess(mitigated.json["model"]["output_rmse"], report["model"]["output_rmse"])
        page = self.qstill("verify", "--counts", "job/counts.json", "--order", "qiskit").out
        for word in ("without noise", "calibration", "measured", "self-test"):
            self.assertIn(word, page)

    def forms(self, job, counts, report):
        flipped = {name: {key[::-1]: n for key, n in one.items()} for name, one in counts.items()}
        low = {name: {str(int(key, 2)): n for key, n in one.items()} for name, one in counts.items()}
        high = {name: {str(int(key, 2)): n for key, n in one.items()} for name, one in flipped.items()}
        shares = {name: {key: n / SHOTS for key, n in one.items()} for name, one in low.items()}
        hexadecimal = {name: {hex(int(key)): n for key, n in one.items()} for name, one in low.items()}
        results = {"results": [{"header": {"name": name, "memory_slots": BITS}, "shots": SHOTS, "data": {"counts": one}}
                               for name, one in hexadecimal.items()]}
        listed = [{"circuit": name, "counts": one} for name, one in counts.items()]
        order = job["measured"][::-1]       # another order of qubits than that of the bits
        braket = {name: {"measurement_counts": one, "measured_qubits": order} for name, one in counts.items()}
        records = {name: {"cirq_type": "ResultDict", "records": self.records(one)} for name, one in counts.items()}
        for given, words in ((flipped, ["--order", "braket"]), (high, ["--order", "cirq"]), (shares, ["--order", "ionq"]),
                             (hexadecimal, ["--order", "qiskit"]), (results, []), (listed, ["--order", "qiskit"]), (braket, []),
                             (records, [])):
            self.assertEqual(self.verify(given, *words), report, words)

    @staticmethod
    def records(counts):
        """One record a bit, as Cirq packs them: 8 to a byte, big-endian."""
        shots = [key for key, n in counts.items() for _ in range(n)]
        made = {}
        for k in range(BITS):
            bits = "".join(shot[BITS - 1 - k] for shot in shots)
            bits += "0" * (-len(bits) % 8)
            digits = "".join(f"{int(bits[i:i + 4], 2):x}" for i in range(0, len(bits), 4))
            made[f"c_{k}"] = {"packed_digits": digits, "binary": True, "dtype": "uint8", "shape": [len(shots), 1, 1]}
        return made

    def refusals(self, job, counts):
        name = job["circuits"][1]["name"]
        order = ["--order", "qiskit"]

        def changed(change):
            made = copy.deepcopy(counts)
            change(made)
            return made

        def with_key(key, n=1):
            """Another key in the place of n shots."""
            made = copy.deepcopy(counts)
            best = max(made[name], key=made[name].get)
            made[name][best] -= n
            made[name][key] = n
            return made

        self.verify(counts, code=2, message="give --order")
        self.verify(changed(lambda c: c.pop(name)), *order, code=3, message=f"no counts of {name}")
        self.verify(changed(lambda c: c.update(other=c[name])), *order, code=3, message="no circuit of this job")
        self.verify([{"circuit": name, "counts": counts[name]}] * 2, *order, code=3, message="there twice")
        self.verify(with_key("0"), *order, code=3, message="has 1 bits, the circuit 3")
        self.verify(with_key("01011"), *order, code=3, message="longer")
        self.verify(with_key("0x7"), *order, code=3, message="mixed")
        self.verify(with_key("abc"), *order, code=3, message="0 or 1")
        self.verify(changed(lambda c: c[name].update({"000": -5})), *order, code=3, message="quasi-probabilities")
        self.verify(changed(lambda c: c[name].update({"000": 0.5})), *order, code=3, message="whole number")
        self.verify(changed(lambda c: c[name].update({"000": c[name].get("000", 0) + 1})), *order, code=3, message="201 shots")
        self.verify(counts, "--order", "braket", code=5, message="self-test")
        self.write("job/counts.json", '{"a": {}, "a": {}}')
        self.refused(3, "a", "verify", "--counts", "job/counts.json", *order)
        self.refused(4, "no circuit|none", "deploy", "run/default/seed-3/floor", *MANILA, "--data", "run/seed-3/data", "-o", "job2")
        self.refused(5, "samples are wanted", "deploy", "run/default/seed-3/student", *MANILA, "--samples", "test:9999", "-o", "job2")
        self.refused(2, "--samples", "deploy", "run/default/seed-3/student", *MANILA, "--samples", "some", "-o", "job2")
        self.refused(2, "--to", "deploy", "run/default/seed-3/student", *MANILA, "--to", "c", "-o", "job2")
        self.refused(2, "belongs to --device", "deploy", "run/default/seed-3/student", "--shots", "5", "--to", "json", "-o", "x")
        self.refused(2, "belongs to --counts", "verify", "--mitigate")
        self.deploy(code=self.EXISTS)
        self.refused(self.EXISTS, "nowhere: there is no job", "verify", "--counts", "job/counts.json", "--job", "nowhere", *order)
        self.verify(changed(lambda c: c.pop("selftest")), *order)
        kept = (self.folder / "job/selftest.qasm").read_text()
        self.write("job/selftest.qasm", kept + "\n")
        self.verify(counts, *order, code=6, message="changed")
        self.write("job/selftest.qasm", kept)

    EXISTS = 7  # ERR_SYSTEM

    def places(self, job):
        """Only couplings of manila, and a layout of one's own."""
        self.assertEqual(sorted(job["qubits"]), job["qubits"])
        self.qstill("deploy", "run/default/seed-3/student", *MANILA, "--layout", "4,3,2", "--samples", "validation:2", "--to", "qasm3", "--flavour",
                    "standalone", "-o", "other")
        other = json.loads((self.folder / "other/manifest.json").read_text())
        self.assertEqual((other["layout"], other["qubits"], other["dialect"]), ([4, 3, 2], [2, 3, 4], "qasm3-standalone"))
        self.assertTrue((self.folder / "other/run_braket.py").exists())


class Groups(JobTest):
    def test_several_bases(self):
        """Outputs in X and in Z: two circuits a sample."""
        self.make(outputs="[x, zz]")
        self.deploy()
        job = self.manifest()
        self.assertEqual((job["n_groups"], len(job["circuits"])), (2, 2 * N + 1))
        report = self.verify(self.run_circuits(job), "--order", "qiskit")
        self.assertEqual(report["circuits_a_sample"], 2)
        self.assertLess(report["measured"]["output_rmse"], 0.5)


if __name__ == "__main__":
    main()
