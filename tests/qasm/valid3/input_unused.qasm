OPENQASM 3.0;
include "stdgates.inc";
input float a;
input float b;
qubit q;
rx(b) q;
