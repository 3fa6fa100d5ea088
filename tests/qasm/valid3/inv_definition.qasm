OPENQASM 3.0;
include "stdgates.inc";
gate g(v) a, b { rx(v) a; cx a, b; t b; gphase(v); }
qubit[2] q;
h q;
inv @ g(0.9) q[1], q[0];
