OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
reset q[1];
reset q;
