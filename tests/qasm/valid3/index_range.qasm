OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
h q[0:1];
rx(0.3) q[1:2];
