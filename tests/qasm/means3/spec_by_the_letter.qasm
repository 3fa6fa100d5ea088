OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
cry(0.7) q[0], q[1];
