OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
bit[3] c;
c = measure q;
