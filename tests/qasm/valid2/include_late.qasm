OPENQASM 2.0;
qreg q[1];
include "qelib1.inc";
h q[0];
