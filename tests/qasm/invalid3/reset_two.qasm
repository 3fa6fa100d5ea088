OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
reset q[0], q[1];
