OPENQASM 3.0;
include "stdgates.inc";
input angle[32] a;
input angle b;
qubit q;
rx(a) q;
rz(b/2) q;
