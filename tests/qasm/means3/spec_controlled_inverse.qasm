OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
p(-0.35) q[0];
ctrl @ U(-0.7, -0.2, -0.3) q[0], q[1];
