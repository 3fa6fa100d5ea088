OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
cxx q[0], q[1];
