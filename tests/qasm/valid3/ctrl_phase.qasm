OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
h q;
ctrl @ rz(0.7) q[0], q[1];
ctrl @ p(0.7) q[0], q[1];
ctrl @ sx q[1], q[0];
