OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
rx(9223372036854775808) q[0];
