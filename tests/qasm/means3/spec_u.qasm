OPENQASM 3.0;
include "stdgates.inc";
qubit q;
gphase(0.35);
U(0.7, 0.3, 0.2) q;
