OPENQASM 2.0;
include "qelib1.inc";
// Schrödinger, 量子, π
qreg q[1];
h q[0];
