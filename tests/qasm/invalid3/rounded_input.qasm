OPENQASM 3.0;
include "stdgates.inc";
input float a;
qubit q;
rx(floor(a)) q;
