OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
rzz(0.3) q[0], q[1];
