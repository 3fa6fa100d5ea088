OPENQASM 2.0;
include "qelib1.inc";
qreg a[1];
h a[0];
qreg b[1];
cx a[0],b[0];
creg c[1];
measure b[0]->c[0];
