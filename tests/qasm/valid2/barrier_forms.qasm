OPENQASM 2.0;
include "qelib1.inc";
qreg q[3];
qreg r[2];
barrier q;
barrier q[0];
barrier q[2],r,q[0];
barrier q,r;
