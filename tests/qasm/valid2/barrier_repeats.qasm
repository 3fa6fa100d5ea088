OPENQASM 2.0;
include "qelib1.inc";
qreg q[3];
barrier q[0],q[0];
barrier q,q[1];
