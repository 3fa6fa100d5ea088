OPENQASM 3.0;
include "stdgates.inc";
qubit q;
rx(1_2.5_0e-0_1) q;
rz(.1_5) q;
ry(0b1_0) q;
