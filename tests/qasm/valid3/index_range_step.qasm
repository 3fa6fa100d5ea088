OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
h q[0:2:2];
rx(0.3) q[2:-1:1];
ry(0.5) q[::2];
