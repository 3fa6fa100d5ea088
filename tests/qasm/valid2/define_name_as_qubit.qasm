OPENQASM 2.0;
include "qelib1.inc";
gate g g { h g; }
gate k(k) q { rx(k) q; }
qreg q[1];
g q[0];
k(0.5) q[0];
