"""sample_pool.py: a batch shared out to processes, for peers that run one circuit at a time and hold Python's lock."""
import multiprocessing

import numpy as np

_part = None


def _adopt(part):
    global _part
    _part = part


def _run(bounds):
    return _part(*bounds)


class SamplePool:
    """Calling it gives the sums of part(first, last) -> (value, gradient) over all samples."""

    def __init__(self, part, n_samples, n_processes):
        edges = np.linspace(0, n_samples, n_processes + 1).astype(int).tolist()
        self._part, self._ranges = part, list(zip(edges, edges[1:]))
        fork = multiprocessing.get_context("fork")
        self._pool = fork.Pool(n_processes, _adopt, (part,)) if n_processes > 1 else None

    def __call__(self):
        if self._pool is None:
            return self._part(*self._ranges[0])
        values, gradients = zip(*self._pool.map(_run, self._ranges, chunksize=1))
        return sum(values), sum(gradients)

    def close(self):
        if self._pool is not None:
            self._pool.terminate()
