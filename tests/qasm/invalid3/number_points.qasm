OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
rx(3.4.3) q[0];
