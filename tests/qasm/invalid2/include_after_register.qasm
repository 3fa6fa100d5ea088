OPENQASM 2.0;
qreg h[1];
include "qelib1.inc";
