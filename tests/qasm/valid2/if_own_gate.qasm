OPENQASM 2.0;
include "qelib1.inc";
gate g(t) a,b { cp(t) a,b; }
qreg q[2];
creg c[1];
if(c==1) g(pi/2) q[0],q[1];
