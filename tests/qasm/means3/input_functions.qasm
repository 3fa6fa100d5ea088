OPENQASM 3.0;
include "stdgates.inc";
input float a;
qubit q;
rx(0.29552020666133955) q;
ry(a/2) q;
