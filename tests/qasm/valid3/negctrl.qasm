OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
h q;
negctrl @ rx(0.3) q[0], q[1];
negctrl(2) @ ry(0.4) q[0], q[1], q[2];
