OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
x q[4/2];
h q[5%2];
y q[0x2-0o2];
