OPENQASM 2.0;
include "qelib1.inc";
qreg q[2];
gate g q,r { cx r,q; }
g q[0],q[1];
