OPENQASM 2.0;
include "qelib1.inc";
qreg a[2];
qreg b[2];
qreg d[3];
ccx a,b,d;
