OPENQASM 3.0;
include "stdgates.inc";
qubit q;
gphase(pi/3);
x q;
gphase(-0.1);
