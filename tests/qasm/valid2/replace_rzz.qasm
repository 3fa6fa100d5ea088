OPENQASM 2.0;
include "qelib1.inc";
gate rzz(theta) a,b { cx a,b; u1(theta) b; cx a,b; }
qreg q[2];
rzz(0.3) q[0],q[1];
