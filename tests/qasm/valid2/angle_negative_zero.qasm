OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
rx(-0) q[0];
rx(0*-1) q[0];
