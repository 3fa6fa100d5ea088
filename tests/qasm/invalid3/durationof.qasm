OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
rx(durationof({x $0;})) q[0];
