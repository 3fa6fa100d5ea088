"""rows.py: the experiments, one row of the table for each setting of a recipe, and what others published.

`published` is worded by how sure it is: read in a repository's logs, or stated by authors. `before` are qstill commands that
make what the recipe needs, run once in the folder of the row; {name} are the files of files()."""
from typing import NamedTuple


class Row(NamedTuple):
    name: str
    title: str
    published: str
    seeds: int = 10
    before: tuple = ()     # of commands without "qstill"
    mnist: bool = False    # needs the 5,000 digits of MNIST
    images: bool = False   # needs the training images of Fashion-MNIST as a file without labels
    devices: bool = False  # needs the calibrations of tests/golden/devices


HASAN = ("65.00 without a teacher; 77.00, 83.44, 67.89 with (one run each, best epoch on the test set, heads differ, their notebooks); "
         "logistic regression on the same images 89.00 [hasan2023]")
LENET = (("data", "{recipes}/fashion_0to5_teacher.yaml", "-o", "data"),
         ("teacher", "{recipes}/fashion_0to5_teacher.yaml", "--data", "data", "-o", "teacher"))

ROWS = (
    Row("digits_pca4", "digits, ten classes, PCA-4: MLP to 4 qubits", "none"),
    Row("digits_pca8", "digits, ten classes, PCA-8: MLP to 4 qubits", "none"),
    Row("digits_quantum", "digits, ten classes, PCA-8: 8 qubits to 4", "none"),
    Row("digits_queries", "digits, ten classes, PCA-8, a fifth of the rows: MLP to 4 qubits, and rows that the teacher answers", "none"),
    Row("mnist_3v5", "MNIST 3 or 5 (of 5,000 images), PCA-8: 8 qubits to 4",
        "re-uploading 95.6 ± 0.3, without entanglement 90.7 ± 1.0, MLP 96.9 ± 0.2 (all of MNIST, 5 seeds, their logs) [bowles2024]",
        mnist=True),
    Row("fashion_0to5", "Fashion-MNIST 0–5, 150 images a class: LeNet of all images to a network before 3 qubits", HASAN, before=LENET),
    Row("fashion_0to5_hybrid", "Fashion-MNIST 0–5, 150 images a class: LeNet of all images to networks before and behind 3 qubits", HASAN,
        before=LENET, images=True),
    Row("digits_manila", "digits, ten classes, PCA-8, on ibmq_manila: 5 qubits, all pairs in 6 layers, to 5 on the line in 3", "none", devices=True),
    Row("fashion_sherbrooke", "Fashion-MNIST 0–7, PCA-12, on eight qubits of ibm_sherbrooke: 6 qubits, all pairs in 6 layers, to 6 on the line in 3", "none",
        seeds=5, devices=True),
)
