OPENQASM 2.0;
include "qelib1.inc";
gate g U,CX { cx U,CX; }
qreg q[2];
g q[0],q[1];
