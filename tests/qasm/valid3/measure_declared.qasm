OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
qubit r;
bit[2] c = measure q;
bit d = measure r;
bit e = measure q[0];
