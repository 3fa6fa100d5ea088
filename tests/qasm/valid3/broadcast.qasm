OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
qubit[2] r;
qubit a;
h q;
cx q, r;
cx a, r;
crz(0.3) q, a;
