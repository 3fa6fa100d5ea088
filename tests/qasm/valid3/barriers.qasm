OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
qubit r;
x q[0];
barrier;
barrier q;
barrier q[0], r;
barrier q[0:1];
