#!/usr/bin/env python3
"""Writes the first corpus of the fuzz targets csv, npy, npz, idx, onnx, assembly and device beside this file: small files that are read, in every spelling, and
some that are not. Files that a fuzzer finds are added by hand, under a name that says what they are."""

import gzip
import io
import json
import pathlib
import struct
import zipfile

import numpy

folder = pathlib.Path(__file__).parent / "corpus"


def put(target, name, content):
    (folder / target).mkdir(parents=True, exist_ok=True)
    (folder / target / name).write_bytes(content)


def npy(array):
    buffer = io.BytesIO()
    numpy.lib.format.write_array(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def zipped(entries, method):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return buffer.getvalue()


# csv: the first byte chooses numbers (0), numbers and labels (1), labels (2); plus 3 times the way the label is named
put("csv", "numbers", b"\x00" + b"x,y\n1,2\n-3.5,4e2\n")
put("csv", "labels", b"\x01" + b"x,y,label\n1,2,0\n3,4,1\n")
put("csv", "text", b"\x01" + b"5.1,3.5,setosa\r\n4.9,3,virginica\r\n")
put("csv", "quoted", b"\x01" + b'"a""b","c\nd",label\n"1",2,"x,y"\n')
put("csv", "ambiguous", b"\x0a" + b"1,2,a\n3,4,b\n5,6,a\n")
put("csv", "first", b"\x07" + b"label,x\n1,2\n0,3\n")
put("csv", "alone", b"\x02" + b"kind\na\nb\n")
put("csv", "bom", b"\x00" + b"\xef\xbb\xbf1,2\n\n\n")
put("csv", "comma", b"\x00" + b'"3,5",2\n')
put("csv", "utf16", b"\x00" + "1,2\n".encode("utf-16"))

index = numpy.arange(12).reshape(3, 4)
for kind in ("<f2", ">f4", "<f8", "|i1", ">i2", "<i8", "|u1", "<u4"):
    put("npy", kind.strip("<>|") + ("_big" if ">" in kind else ""), npy(index.astype(kind)))
put("npy", "fortran", npy(numpy.asfortranarray(index.astype("<f8"))))
put("npy", "cube", npy(numpy.asfortranarray(index.reshape(2, 3, 2).astype("<f4"))))
put("npy", "bool", npy(index % 2 == 0))
put("npy", "object", npy(numpy.array([1, "a"], dtype=object)))
put("npy", "records", npy(numpy.zeros(2, dtype=[("a", "<f8"), ("b", "<i4")])))

small = [("X.npy", npy(index.astype("<f8"))), ("y.npy", npy(numpy.array([0, 1, 0])))]
put("npz", "stored", zipped(small, zipfile.ZIP_STORED))
put("npz", "deflated", zipped(small, zipfile.ZIP_DEFLATED))
put("npz", "other", zipped([("notes.txt", b"hello"), *small], zipfile.ZIP_DEFLATED))
buffer = io.BytesIO()
numpy.savez_compressed(buffer, a=index, b=index[0])
put("npz", "numpy", buffer.getvalue())

images = struct.pack(">BBBBIII", 0, 0, 8, 3, 2, 2, 3) + bytes(range(12))
for code, kind in ((9, "b"), (11, "h"), (12, "i"), (13, "f"), (14, "d")):
    put("idx", f"type_{code:02x}", struct.pack(f">BBBBI3{kind}", 0, 0, code, 1, 3, 1, 0, 2))
put("idx", "images", images)
put("idx", "gzip", gzip.compress(images, mtime=0))
put("idx", "members", gzip.compress(images[:9], mtime=0) + gzip.compress(images[9:], mtime=0))


# onnx: what no exporter writes; whole models are in tests/golden/models

def field(number, content):
    """A field of wire type 2."""
    size, length = len(content), b""
    while size > 127:
        size, length = size >> 7, length + bytes([size & 127 | 128])
    return bytes([number << 3 & 127 | 2]) + length + bytes([size]) + content if number < 16 else \
        bytes([number << 3 & 127 | 130, number >> 4]) + length + bytes([size]) + content


def tensor(name, dims, kind, more):
    return b"".join(b"\x08" + bytes([d]) for d in dims) + b"\x10" + bytes([kind]) + field(8, name) + more


def value(name, dims):
    shape = b"".join(field(1, b"\x08" + bytes([d])) for d in dims)
    return field(1, name) + field(2, field(1, b"\x08\x01" + field(2, shape)))


def model(graph, opset=13):
    return b"\x08\x08" + field(8, b"\x10" + bytes([opset])) + field(7, graph)


def node(operator, inputs, outputs, *attributes):
    return field(1, b"".join(field(1, i) for i in inputs) + b"".join(field(2, o) for o in outputs)
                 + field(4, operator) + b"".join(field(5, a) for a in attributes))


ends = field(11, value(b"x", [2, 2])) + field(12, value(b"y", [2, 2]))
weights = field(5, tensor(b"w", [2, 2], 1, field(4, struct.pack("<4f", 1, 2, 3, 4))))
half = field(5, tensor(b"w", [2, 2], 10, field(9, struct.pack("<4e", 1, 2, 3, 4))))
outside = field(5, tensor(b"w", [2, 2], 1, field(13, field(1, b"location") + field(2, b"../x")) + b"\x70\x01"))
nested = b""
for _ in range(12):
    nested = node(b"If", [], [], field(1, b"then_branch") + field(6, nested))
put("onnx", "matmul", model(node(b"MatMul", [b"x", b"w"], [b"y"]) + weights + ends))
put("onnx", "half", model(node(b"MatMul", [b"x", b"w"], [b"y"]) + half + ends))
put("onnx", "outside", model(node(b"MatMul", [b"x", b"w"], [b"y"]) + outside + ends))
put("onnx", "cycle", model(node(b"Add", [b"x", b"z"], [b"y"]) + node(b"Relu", [b"y"], [b"z"]) + ends))
put("onnx", "nested", model(nested + ends))
put("onnx", "constant", model(node(b"Constant", [], [b"w"], field(1, b"value") + field(5, tensor(b"", [2, 2], 1, field(
    9, struct.pack("<4f", 1, 2, 3, 4)))) + b"\xa0\x01\x04") + node(b"MatMul", [b"x", b"w"], [b"y"]) + ends))
put("onnx", "endless", model(node(b"Relu", [b"x"], [b"y"]) + ends)[:-2] + b"\xff" * 11)
put("onnx", "group", b"\x0b\x0c")


# assembly: the JSON form of docs/formats.md
def assembly(instructions, definitions=(), parameters=(), qubits=4):
    return json.dumps({"format": "qstill-assembly/1", "qubits": [["q", qubits], ["r", 1]], "bits": [["c", 2], ["d", 1]],
                       "parameters": list(parameters), "definitions": list(definitions),
                       "instructions": list(instructions)}).encode()


def gate(name, qubits, angles=(), **more):
    return {"gate": name, "qubits": qubits, "angles": list(angles), **more}


put("assembly", "bell", assembly([gate("h", [0]), gate("cx", [0, 1]), {"measure": 0, "bit": 0}, {"measure": 1}]))
put("assembly", "modifiers", assembly([gate("iswap", [0, 1, 2], controls=1, inverse=True),
                                       gate("rx", [0, 1, 2, 3, 4], ["$0 2 / $1 $1 * +"], controls=4),
                                       gate("gphase", [2], [-0.0], controls=1)], parameters=["a", "b"]))
put("assembly", "conditions", assembly([{"measure": 0, "bit": 2}, gate("x", [1], **{"if": ["d", 1]}), {"reset": 1},
                                        {"barrier": [0, 3]}, {"reset": 2, "if": ["c", "9007199254740993"]}]))
put("assembly", "definitions", assembly(
    [{"call": "g", "qubits": [3, 0, 1], "angles": ["$0 neg"], "controls": 1, "inverse": True}],
    [{"name": "f", "qubits": ["a"], "angles": ["t"], "body": [gate("u", [0], ["$0", 1e-300, "$0 3 *"])]},
     {"name": "g", "qubits": ["a", "b"], "angles": ["s"], "body": [
         {"call": "f", "qubits": [1], "angles": ["$0 $0 *"]}, {"barrier": [0, 1]}]},
     {"name": "box", "qubits": ["a"], "opaque": True}], ["p"]))
put("assembly", "bomb", assembly([{"call": "g30", "qubits": [0]}], [
    {"name": f"g{i}", "qubits": ["a"], "body": [{"call": f"g{i - 1}", "qubits": [0]}] * 2 if i else [gate("x", [0])]}
    for i in range(31)]))
put("assembly", "functions", assembly([gate("rz", [0], [f"0.5 {name}"]) for name in (
    "neg sin cos tan exp ln sqrt arcsin arccos arctan").split()] + [gate("rz", [0], ["$0 2 ^ $0 1 ^ - 0 sin /"])],
    parameters=["p"]))


# device: one or two calibrations, a NUL between them
def named(name, unit, number):
    return {"name": name, "unit": unit, "value": number, "date": "2024-01-01"}


def entry(kind, qubits, error, time):
    return {"gate": kind, "qubits": qubits, "name": kind, "parameters": [named("gate_error", "", error),
                                                                         named("gate_length", "ns", time)]}


props = json.dumps({"backend_name": "toy", "last_update_date": "2024-01-01T00:00:00Z", "qubits": [
    [named("T1", "us", 100), named("T2", "\u00b5s", 250.5), named("frequency", "GHz", 5), named("readout_error", "", 0.02),
     named("prob_meas1_prep0", "", 0.01), named("prob_meas0_prep1", "", 0.03)],
    [named("T1", "ms", 0.1), named("operational", "", 0)], []],
    "gates": [entry("sx", [0], 2e-4, 35), entry("cx", [0, 1], 1, 300), entry("cx", [2, 1], 0.01, 300),
              entry("measure", [2], 0.1, 700)]}).encode()
conf = json.dumps({"backend_name": "toy", "n_qubits": 3, "basis_gates": ["sx", "cx"], "dt": 0.2, "max_shots": 100,
                   "coupling_map": [[0, 1], [2, 1], [0, 2]], "coords": [[0, 0], [0, 1], [1, 1]]}).encode()
put("device", "ibm", props)
put("device", "ibm_pair", conf + b"\0" + props)
put("device", "neutral", json.dumps({"format": "qstill-device/1", "name": "n", "n_qubits": 3, "dt_ns": 0.5, "qubits": [
    {"id": "a", "t1_ns": 1e5, "t2_ns": 3e5, "m1p0": 0.01, "m0p1": 0.02}, {"operational": False}, {"frequency_hz": 5e9}],
    "gates": [{"name": "cz", "qubits": [1, 0], "error": 0.007, "time_ns": 320}, {"name": "ccz", "qubits": [0, 1, 2]}]}
).encode())
put("device", "braket", json.dumps({"oneQubitProperties": {q: {"T1": {"value": 28.9, "unit": "us"}, "oneQubitFidelity": [
    {"fidelityType": {"name": "RANDOMIZED_BENCHMARKING"}, "fidelity": 0.99}, {"fidelityType": {"name": "READOUT"},
                                                                              "fidelity": 0.9}]} for q in "037"},
    "twoQubitProperties": {"0-7": {"twoQubitGateFidelity": [{"direction": {"control": 7, "target": 0}, "gateName": "CNOT",
                                                             "fidelity": 0.87, "fidelityType": {"name": "X"}}]}}}).encode())
put("device", "braket3", json.dumps({"paradigm": {"qubitCount": 3, "connectivity": {"connectivityGraph": {"0": ["1", "2"]}}},
                                     "standardized": {"T1": {"value": 1, "unit": "s"}, "twoQubitGateFidelity": [
                                         {"fidelity": 0.9}], "singleQubitFidelity": [{"fidelity": 0.99}]}}).encode())
put("device", "cirq", json.dumps({"cirq_type": "Calibration", "metrics": {"metrics": [
    {"name": name, "targets": targets, "values": [{"doubleVal": number}]} for name, targets, number in (
        ("single_qubit_idle_t1_micros", ["0_1"], 20), ("single_qubit_rb_pauli_error_per_gate", ["0_2"], 1e-3),
        ("single_qubit_p00_error", ["0_1"], 0.01), ("two_qubit_parallel_cz_gate_xeb_pauli_error_per_cycle",
                                                    ["0_1", "0_2"], 0.01))]}}).encode())
put("device", "ionq", json.dumps({"date": 1706745600, "qubits": 4, "connectivity": [[0, 1], [1, 2], [2, 0]], "fidelity": {
    "1q": {"mean": 0.999}, "2q": {"median": 0.97}, "spam": {"mean": 0.99}}, "timing": {"1q": 1e-4, "t1": 10}}).encode())
put("device", "ionq_too_many_qubits", json.dumps({"date": 1706745600, "qubits": 880, "fidelity": {"spam": {"mean": 0.99}},
                                                  "timing": {"1q": 1e-4, "t1": 10}}).encode())
