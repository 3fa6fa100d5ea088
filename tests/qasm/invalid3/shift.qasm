OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
rx(2 << 3) q[0];
