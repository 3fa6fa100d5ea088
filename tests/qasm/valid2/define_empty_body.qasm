OPENQASM 2.0;
include "qelib1.inc";
gate nop a {}
gate nop2() a,b { }
qreg q[2];
nop q[0];
nop2() q[0],q[1];
nop2 q[1],q[0];
