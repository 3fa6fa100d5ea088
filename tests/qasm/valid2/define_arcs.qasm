OPENQASM 2.0;
include "qelib1.inc";
gate g(a) q { rx(asin(a)) q; rx(acos(a)) q; rx(atan(a)) q; }
qreg q[1];
g(0.7) q[0];
