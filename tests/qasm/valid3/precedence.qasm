OPENQASM 3.0;
include "stdgates.inc";
qubit q;
rx(1 + 2*0.3) q;
ry(1.0 - 2 - 3) q;
rz(8.0/4/2) q;
rx(-(1.5)*2) q;
ry(- -0.5) q;
rz(2*-0.25) q;
