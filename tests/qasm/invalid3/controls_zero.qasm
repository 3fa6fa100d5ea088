OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
ctrl(0) @ x q[0];
