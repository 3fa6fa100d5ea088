OPENQASM 2.0;
include "qelib1.inc";
gate g(rx,cx) h,x { rz(rx+cx) h; cz h,x; }
qreg q[2];
g(1,2) q[0],q[1];
