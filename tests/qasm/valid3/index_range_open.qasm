OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
h q[1:];
rx(0.3) q[:1];
ry(0.2) q[:];
