OPENQASM 2.0;
include "qelib1.inc";
gate g a,b { h a; barrier a,b; h b; barrier; barrier a; }
qreg q[2];
g q[0],q[1];
