OPENQASM 2.0;
include "qelib1.inc";
opaque magic(alpha) a,b,c;
qreg q[1];
h q[0];
