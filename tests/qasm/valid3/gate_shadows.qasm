OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
gate g(h) x { rx(h) x; }
gate k(pi) q { rz(pi) q; }
g(0.3) q[0];
k(0.2) q[1];
