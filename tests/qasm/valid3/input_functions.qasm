OPENQASM 3.0;
include "stdgates.inc";
input float a;
qubit q;
rx(sin(a)) q;
ry(a/2) q;
