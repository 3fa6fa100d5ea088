#!/usr/bin/env python3
"""Writes, beside this file, data_preprocess.json (scikit-learn), data_arrays.npz and data_arrays_compressed.npz (numpy).

data_preprocess.json: chains of PCA and StandardScaler on digits and wine. Training rows are those with row * 7919 % 10 < 7; "mean" and
"second" (components, or deviations) are what the step fitted, "rows" what the chain makes of rows 0, 17, 34, ...

data_arrays: an array of each type that numpy writes, shape (3, 4): in row r, column c stands 4 r + c - 5; unsigned 4 r + c; boolean
whether c is odd. "fortran" is in Fortran order, "cube" has the shape (2, 3, 2) in Fortran order and holds 0..11 in C order.
"""

import json
import pathlib

import numpy
import sklearn
from sklearn import datasets
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler


def chain(name, bunch, steps):
    rows = numpy.arange(len(bunch.data))
    train, shown = bunch.data[rows * 7919 % 10 < 7], bunch.data[rows % 17 == 0]
    fitted = []
    for kind, argument in steps:
        step = PCA(argument, svd_solver="full") if kind == "pca" else StandardScaler()
        train = step.fit_transform(train)
        shown = step.transform(shown)
        second = step.components_ if kind == "pca" else step.scale_
        fitted.append({"step": kind, "argument": argument, "mean": step.mean_.tolist(), "second": second.ravel().tolist()})
    return {"name": name, "steps": fitted, "rows": shown.ravel().tolist()}


def arrays():
    index = numpy.arange(12).reshape(3, 4)
    named = {"bool": index % 2 == 1}
    for order, name in (("<", "little"), (">", "big")):
        for kind in ("f2", "f4", "f8", "i1", "i2", "i4", "i8"):
            named[f"{name}_{kind}"] = (index - 5).astype(order + kind)
        for kind in ("u1", "u2", "u4", "u8"):
            named[f"{name}_{kind}"] = index.astype(order + kind)
    named["fortran"] = numpy.asfortranarray((index - 5).astype("<f8"))
    named["cube"] = numpy.asfortranarray(numpy.arange(12).reshape(2, 3, 2).astype("<f8"))
    return named


folder = pathlib.Path(__file__).parent
chains = [
    chain("digits", datasets.load_digits(), [("pca", 8), ("standardize", 0)]),
    chain("wine", datasets.load_wine(), [("standardize", 0), ("pca", 4)]),
]
made_with = {"scikit-learn": sklearn.__version__, "numpy": numpy.__version__}
(folder / "data_preprocess.json").write_text(json.dumps({"made_with": made_with, "chains": chains}) + "\n")
numpy.savez(folder / "data_arrays.npz", **arrays())
numpy.savez_compressed(folder / "data_arrays_compressed.npz", **arrays())
