OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
creg a[1];
creg b[3];
if(b==5) x q[0];
if(a==1) z q[0];
