OPENQASM 3.0;
include "stdgates.inc";
qubit[2*3-4] q;
bit[0b10] c;
h q[2**1-1];
