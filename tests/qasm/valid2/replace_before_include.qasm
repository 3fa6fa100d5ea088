OPENQASM 2.0;
gate swap a,b { CX a,b; CX b,a; CX a,b; }
include "qelib1.inc";
qreg q[2];
swap q[0],q[1];
h q[0];
