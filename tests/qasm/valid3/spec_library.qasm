OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
h q;
ctrl @ ry(0.3) q[0], q[1];
ctrl @ u3(0.1, 0.2, 0.3) q[0], q[1];
