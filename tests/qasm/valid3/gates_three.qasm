OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
h q;
ccx q[0], q[1], q[2];
ry(0.4) q;
cswap q[2], q[0], q[1];
