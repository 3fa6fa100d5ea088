OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
h q;
ctrl @ negctrl @ rx(0.3) q[0], q[1], q[2];
negctrl @ ctrl @ rz(0.3) q[0], q[1], q[2];
