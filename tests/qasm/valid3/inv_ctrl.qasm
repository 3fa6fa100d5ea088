OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
h q;
inv @ ctrl @ rx(0.3) q[0], q[1];
ctrl @ inv @ U(0.1, 0.2, 0.3) q[0], q[1];
inv @ negctrl @ inv @ s q[0], q[1];
