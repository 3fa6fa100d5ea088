OPENQASM 2.0;
include "qelib1.inc";
qreg q[4];
u3(pi/4,-pi/8,ln(2)) q;
