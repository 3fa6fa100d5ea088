OPENQASM 3.0;
include "stdgates.inc";
input float a;
input float b;
qubit q;
rx(a*b) q;
ry(-a + b*b - 1) q;
rz((a + b)*(a - 2)) q;
