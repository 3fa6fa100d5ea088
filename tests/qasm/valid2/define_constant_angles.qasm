OPENQASM 2.0;
include "qelib1.inc";
gate g a { rx(pi/2) a; rz(2^3) a; u2(-pi,sqrt(2)) a; }
qreg q[1];
g q[0];
