OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
x q[1:2][0];
h q[{2, 0, 1}][1:2];
