OPENQASM 2.0;
include "qelib1.inc";
qreg qubit[1];
creg bit[1];
qreg input[1];
qreg for[1];
qreg const[1];
h input[0];
