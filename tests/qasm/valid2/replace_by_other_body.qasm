OPENQASM 2.0;
include "qelib1.inc";
gate sx a { x a; }
qreg q[1];
sx q[0];
