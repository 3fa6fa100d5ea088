OPENQASM 2.0;
include "qelib1.inc";
qreg a[3];
qreg b[2];
cx a,b[1];
cx b[0],a;
