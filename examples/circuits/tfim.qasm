OPENQASM 2.0;
include "qelib1.inc";
gate rzz(t) a,b { cx a,b; rz(t) b; cx a,b; }
qreg q[3];
rx(-0.25) q[0];
rx(-0.25) q[1];
rx(-0.25) q[2];
rzz(-1.0) q[0],q[1];
rzz(-1.0) q[1],q[2];
rx(-0.5) q[0];
rx(-0.5) q[1];
rx(-0.5) q[2];
rzz(-1.0) q[0],q[1];
rzz(-1.0) q[1],q[2];
rx(-0.25) q[0];
rx(-0.25) q[1];
rx(-0.25) q[2];
