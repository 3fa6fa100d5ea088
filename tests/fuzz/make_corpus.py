#!/usr/bin/env python3
"""Writes the first corpus of the fuzz targets csv, npy, npz and idx beside this file: small files that are read, in every spelling, and
some that are not. Files that a fuzzer finds are added by hand, under a name that says what they are."""

import gzip
import io
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
