OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
rx(sine(0.3)) q[0];
