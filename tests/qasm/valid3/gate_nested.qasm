OPENQASM 3.0;
include "stdgates.inc";
gate a(t) x { rx(t) x; h x; }
gate b(t) x, y { a(t/2) x; cx x, y; inv @ a(t) y; }
qubit[2] q;
b(0.6) q[1], q[0];
