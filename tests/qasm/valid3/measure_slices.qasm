OPENQASM 3.0;
include "stdgates.inc";
qubit[4] q;
bit[4] c;
c[0:1] = measure q[2:3];
c[{3, 2}] = measure q[{0, 1}];
