OPENQASM 3.0;
include "stdgates.inc";
qubit q;
rx(0.9707877190062975) q;
ry(0.08733219254516084) q;
