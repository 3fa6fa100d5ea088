OPENQASM 3.0;
include "stdgates.inc";
gate rzz(t) a, b { cp(t) a, b; }
gate u(t) a { rx(t) a; }
qubit[2] q;
rzz(0.5) q[0], q[1];
u(0.2) q[0];
