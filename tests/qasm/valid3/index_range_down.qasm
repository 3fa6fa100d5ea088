OPENQASM 3.0;
include "stdgates.inc";
qubit[4] q;
h q;
crx(0.3) q[3:-1:2], q[0:1];
ry(0.4) q[::-2];
