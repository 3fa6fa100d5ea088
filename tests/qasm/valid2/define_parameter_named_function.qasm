OPENQASM 2.0;
include "qelib1.inc";
gate g(asin) a { rx(asin/2) a; }
qreg q[1];
g(0.5) q[0];
