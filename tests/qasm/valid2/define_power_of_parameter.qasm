OPENQASM 2.0;
include "qelib1.inc";
gate g(a) b { U(a,-a,a^2) b; }
qreg q[1];
g(pi) q[0];
