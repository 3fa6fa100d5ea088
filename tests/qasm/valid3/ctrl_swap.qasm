OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
h q;
ctrl @ swap q[2], q[0], q[1];
ctrl @ crz(0.4) q[0], q[1], q[2];
