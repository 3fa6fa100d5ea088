OPENQASM 3.0;
include "stdgates.inc";
input float a;
qubit q;
rx((a + 1)/2) q;
rz(2*(a + 1) - 1) q;
rx(a) q;
rz(4*a - 1) q;
