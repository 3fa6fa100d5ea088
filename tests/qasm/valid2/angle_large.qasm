OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
rx(1e300) q[0];
rx(1e308) q[0];
rx(9007199254740993) q[0];
