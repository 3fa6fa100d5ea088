OPENQASM 3.0;
include "stdgates.inc";
qubit q;
rx(0.3) q;
rz(0.12 - pi/2) q;
