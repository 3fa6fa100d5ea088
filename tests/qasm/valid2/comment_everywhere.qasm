OPENQASM 2.0; // c
include "qelib1.inc"; // c
qreg // a
q // b
[ // c
2 // d
] // e
; // f
cx // g
q[0], // h
q[1] // i
;
