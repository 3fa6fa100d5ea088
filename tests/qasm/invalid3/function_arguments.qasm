OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
rx(sin(0.3, 0.4)) q[0];
