OPENQASM 2.0;
include "qelib1.inc";
gate g(a,b) c,d { rx(b) d; }
qreg q[2];
g(1,2) q[0],q[1];
