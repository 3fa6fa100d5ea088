OPENQASM 3.0;
include "stdgates.inc";
input float a;
qubit[2] q;
h q[a];
