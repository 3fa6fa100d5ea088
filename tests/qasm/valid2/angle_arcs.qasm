OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
rx(asin(0.5)) q[0];
rx(acos(0.5)) q[0];
rx(atan(2)) q[0];
rx(asin(1)) q[0];
rx(acos(-1)) q[0];
