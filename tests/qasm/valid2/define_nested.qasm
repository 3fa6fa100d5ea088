OPENQASM 2.0;
include "qelib1.inc";
gate a1 x { h x; }
gate a2 x,y { a1 x; cx x,y; a1 y; }
gate a3(t) x,y { a2 y,x; rz(t) y; a2 x,y; }
qreg q[2];
a3(pi) q[1],q[0];
