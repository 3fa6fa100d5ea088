OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
h q[1];
h q[2];
rx(0.4) q[0];
rx(0.4) q[1];
