OPENQASM 2.0;
include "qelib1.inc";
qreg q[4];
creg c[4];
for i in [0:2] { h q[i]; }
