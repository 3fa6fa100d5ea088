OPENQASM 2.0;
include "qelib1.inc";
opaque o a;
gate g a { o a; }
qreg q[1];
g q[0];
