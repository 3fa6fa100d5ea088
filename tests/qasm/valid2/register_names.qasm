OPENQASM 2.0;
include "qelib1.inc";
qreg a1[1];
qreg a_[1];
qreg aA[1];
qreg a_B_9[1];
qreg qq[1];
h a_B_9[0];
