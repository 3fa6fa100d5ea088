OPENQASM 2.0;
include "qelib1.inc";
gate rxx(a,b) x { rx(a) x; rz(b) x; }
qreg q[1];
rxx(1,2) q[0];
