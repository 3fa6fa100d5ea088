OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
h q[-2:-1];
rx(0.4) q[-3:-2];
