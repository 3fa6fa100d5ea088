OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
h q;
crx(0.3) q[{2, 0}], q[1];
cry(0.5) q[{0, 2}], q[1];
