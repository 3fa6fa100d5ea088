OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
gphase(0.2);
U(0.4, 0, pi) q[0];
p(0.3) q[0];
ctrl @ U(0.6, 0, pi) q[0], q[1];
