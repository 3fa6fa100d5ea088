OPENQASM 2.0;
include "qelib1.inc";
qreg q[3];
h q;
reset q;
reset q[1];
