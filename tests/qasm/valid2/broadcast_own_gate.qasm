OPENQASM 2.0;
include "qelib1.inc";
gate g(t) x,y { rx(t) x; cx x,y; }
qreg a[2];
qreg b[2];
g(0.25) a,b;
