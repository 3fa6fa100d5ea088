OPENQASM 3.0;
include "stdgates.inc";
qubit[2] Q;
bit[2] C;
CX Q[0], Q[1];
C = measure Q;
