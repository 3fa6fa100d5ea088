OPENQASM 2.0;
include "qelib1.inc";
opaque o a;
opaque p2() a;
opaque r2(x,y) a,b;
qreg q[2];
o q[0];
p2() q[1];
r2(1,2) q[0],q[1];
