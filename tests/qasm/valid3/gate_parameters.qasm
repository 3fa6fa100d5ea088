OPENQASM 3.0;
include "stdgates.inc";
gate g(a, b) x { rx(a) x; rz(a*b - pi/2) x; }
qubit q;
g(0.3, 0.4) q;
