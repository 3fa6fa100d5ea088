OPENQASM 3.0;
include "stdgates.inc";
qubit q;
rx(-4) q;
ry(512) q;
rz(0.5) q;
rx(0.75) q;
ry(-4) q;
