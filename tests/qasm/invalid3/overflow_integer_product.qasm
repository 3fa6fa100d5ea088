OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
rx(9223372036854775807*2) q[0];
