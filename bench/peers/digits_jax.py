"""digits_jax.py DIGITS.csv.gz [CACHE]: the training of digits_8q.yaml in JAX, start to end: read the digits, split, principal
components, 20 epochs of Adam as one compiled program, accuracy on the test rows. With CACHE, a folder, JAX keeps what it
compiled there, so that a second run need not compile. Prints one JSON object."""
import gzip
import json
import sys

import jax
import jax.numpy as jnp
import numpy as np

from peer_jax import expectations

QUBITS, LAYERS, CLASSES, BATCH, STEPS, EPOCHS, RATE = 8, 4, 10, 64, 22, 20, 0.03


def load(path):
    """Features as qstill makes them: 8 components, standardised, times 0.7, all fitted on the training rows."""
    with gzip.open(path, "rt") as lines:
        table = np.loadtxt(lines, delimiter=",", skiprows=1)
    table = table[np.random.default_rng(1).permutation(len(table))]
    pixels, labels, n_train = table[:, :-1], table[:, -1].astype(int), STEPS * BATCH
    centred = pixels - pixels[:n_train].mean(0)
    axes = np.linalg.svd(centred[:n_train], full_matrices=False)[2][:QUBITS]
    features = centred @ axes.T
    features *= 0.7 / features[:n_train].std(0)
    return features[:n_train], labels[:n_train], features[n_train:], labels[n_train:]


def scores(parameters, inputs):
    weights, head, bias = parameters
    return expectations(inputs, weights) @ head + bias


def loss(parameters, inputs, labels):
    logits = jax.nn.log_softmax(scores(parameters, inputs))
    return -jnp.mean(jnp.take_along_axis(logits, labels[:, None], 1))


def adam(carry, rows, inputs, labels):
    parameters, first, second, count = carry
    gradient = jax.grad(loss)(parameters, inputs[rows], labels[rows])
    count += 1
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
    parameters = jax.tree.map(
        lambda p, m, v: p - RATE * (m / (1 - 0.9**count)) / (jnp.sqrt(v / (1 - 0.999**count)) + 1e-8),
        parameters, first, second)
    return (parameters, first, second, count), None


@jax.jit
def train(parameters, batches, inputs, labels):
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    return jax.lax.scan(lambda carry, rows: adam(carry, rows, inputs, labels), (parameters, zeros, zeros, 0.0), batches)[0][0]


def main():
    if len(sys.argv) > 2:
        jax.config.update("jax_compilation_cache_dir", sys.argv[2])
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    inputs, labels, test_inputs, test_labels = load(sys.argv[1])
    random = np.random.default_rng(2)
    batches = np.concatenate([random.permutation(len(inputs)).reshape(STEPS, BATCH) for _ in range(EPOCHS)])
    width = 1 / np.sqrt(QUBITS)  # angles all around the circle and a narrow head, as qstill begins
    start = (random.uniform(0, 2 * np.pi, (LAYERS, QUBITS, 3)), random.uniform(-width, width, (QUBITS, CLASSES)),
             np.zeros(CLASSES))
    parameters = train(jax.tree.map(jnp.asarray, start), jnp.asarray(batches), jnp.asarray(inputs), jnp.asarray(labels))
    answers = np.argmax(jax.jit(scores)(parameters, jnp.asarray(test_inputs)), 1)
    print(json.dumps({"accuracy": float(np.mean(answers == test_labels)), "steps": len(batches)}))


if __name__ == "__main__":
    main()
