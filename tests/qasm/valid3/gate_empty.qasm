OPENQASM 3.0;
include "stdgates.inc";
gate nothing a {}
gate less() a, b { }
qubit[2] q;
nothing q;
less q[0], q[1];
