OPENQASM 2.0;
include "qelib1.inc";
qreg a[2];
qreg b[2];
qreg c[1];
ccx a,c[0],b;
ccx a,b,c[0];
