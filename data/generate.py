#!/usr/bin/env python3
"""Writes the built-in data sets from the copies that scikit-learn ships, and checks or prints their SHA-256.

    python3 generate.py            writes digits.csv.gz, iris.csv, wine.csv, breast_cancer.csv beside this file
    python3 generate.py --check    compares the files that are there with scikit-learn's, writes nothing

Numbers are written with the fewest digits that read back as the same double; the label is the last column.
"""

import argparse
import csv
import gzip
import hashlib
import io
import pathlib
import sys

import sklearn
from sklearn import datasets

SETS = {
    "digits.csv.gz": datasets.load_digits,
    "iris.csv": datasets.load_iris,
    "wine.csv": datasets.load_wine,
    "breast_cancer.csv": datasets.load_breast_cancer,
}


def number(value):
    """The shortest decimal that reads back exactly, whole numbers without a point."""
    return repr(int(value)) if value == int(value) else repr(float(value))


def table(bunch):
    """The set as CSV text: features, then the label by name (digits: by number)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*bunch.feature_names, "label"])
    for features, target in zip(bunch.data, bunch.target):
        writer.writerow([*map(number, features), bunch.target_names[target]])
    return text.getvalue().encode()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    folder = pathlib.Path(__file__).resolve().parent
    wrong = 0
    print(f"scikit-learn {sklearn.__version__}")
    for name, load in SETS.items():
        content = table(load())
        path = folder / name
        if check:
            stored = path.read_bytes()
            stored = gzip.decompress(stored) if name.endswith(".gz") else stored
            wrong += stored != content
        else:
            path.write_bytes(gzip.compress(content, 9, mtime=0) if name.endswith(".gz") else content)
        lines = content.count(b"\n") - 1
        print(f"{hashlib.sha256(content).hexdigest()}  {name.removesuffix('.gz')}  {lines} rows")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
