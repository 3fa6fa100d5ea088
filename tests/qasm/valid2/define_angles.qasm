OPENQASM 2.0;
include "qelib1.inc";
gate g(a,b,c) q { u3(a,b,c) q; rz(-a) q; rx(a+b*c-1) q; ry(a/2) q; }
qreg q[1];
g(0.1,0.2,0.3) q[0];
