OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
negctrl @ gphase(0.7) q[0];
ctrl @ negctrl @ gphase(0.5) q[0], q[1];
