OPENQASM 2.0;
include "qelib1.inc";
qreg q[2];
swap q[0],q[1];
gate swap a,b { cx a,b; cx b,a; cx a,b; }
swap q[0],q[1];
