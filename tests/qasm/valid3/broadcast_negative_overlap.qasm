OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
h q;
negctrl @ rx(0.7) q[0:1], q[1:2];
