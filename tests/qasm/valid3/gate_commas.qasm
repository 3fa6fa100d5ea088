OPENQASM 3.0;
include "stdgates.inc";
gate g(a,) x, y, { cx x, y,; rx(a,) y; }
qubit[2] q;
g(0.1,) q[0], q[1],;
