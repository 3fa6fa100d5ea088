OPENQASM 3.0;
include "stdgates.inc";
gate g(t) a, b { negctrl @ ry(t) a, b; }
qubit[3] q;
h q;
ctrl @ g(0.8) q[2], q[0], q[1];
inv @ g(0.3) q[0], q[1];
