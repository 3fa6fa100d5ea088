OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
gphase(0.1) q[0];
