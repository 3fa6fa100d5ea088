OPENQASM 2.0;
include "qelib1.inc";
qreg q[4];
creg c[4];
gate cu3(a,b,c) d,e {}
