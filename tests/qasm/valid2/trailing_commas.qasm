OPENQASM 2.0;
include "qelib1.inc";
qreg q[2];
creg c[1];
rx(1,) q[0];
h q[0],;
cx q[0],q[1],;
barrier q,;
gate g(a,) b, {}
opaque o(a,b,) c,d,;
g(1,) q[1],;
