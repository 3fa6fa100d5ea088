OPENQASM 3.0;
include "stdgates.inc";
input float a;
gate g(b) x { rx(b/2) x; rz(2*b - 1) x; }
qubit q;
g(a + 1) q;
g(a*2) q;
