OPENQASM 3.0;
include "stdgates.inc";
qubit q;
rx(sin(cos(0.3) + sqrt(2.0)*exp(-0.5))) q;
ry(pow(sin(0.3), 2),) q;
