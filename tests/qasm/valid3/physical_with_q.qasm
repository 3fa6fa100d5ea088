OPENQASM 3.0;
include "stdgates.inc";
gate g(t) q { rx(t) q; }
g(0.3) $1; // not $7
/* $9 */ ctrl @ g(0.2) $0, $1;
