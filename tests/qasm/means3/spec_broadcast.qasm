OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
p(0.35) q[0:1];
ctrl @ U(0.7, 0.3, 0.2) q[0:1], q[2];
