OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
rx(1e-300) q[0];
rx(1e-400) q[0];
rx(4.9e-324) q[0];
rx(0.1+0.2) q[0];
rx(1/3) q[0];
