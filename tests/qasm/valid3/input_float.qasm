OPENQASM 3.0;
include "stdgates.inc";
input float[64] a;
input float b;
qubit q;
rx(a) q;
ry(2*b + 0.5) q;
