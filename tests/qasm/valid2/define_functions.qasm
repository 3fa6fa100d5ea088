OPENQASM 2.0;
include "qelib1.inc";
gate g(a) q { rx(sin(a)) q; rx(cos(a)) q; rx(tan(a)) q; rx(exp(a)) q; rx(ln(a)) q; rx(sqrt(a)) q; }
qreg q[1];
g(0.7) q[0];
