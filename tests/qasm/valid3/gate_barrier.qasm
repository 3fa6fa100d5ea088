OPENQASM 3.0;
include "stdgates.inc";
gate g a, b { h a; barrier a, b; cx a, b; barrier; }
qubit[2] q;
g q[0], q[1];
