OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
ctrl @ x q[0],q[1];
inv @ s q[0];
ctrl(1) @ inv @ t q[0],q[1];
