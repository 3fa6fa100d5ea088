OPENQASM 3.0;
include "stdgates.inc";
qubit[1] q;
qubit r;
bit c;
bit[1] d;
c = measure q;
d = measure r;
