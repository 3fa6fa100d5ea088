OPENQASM 3.0;
include "stdgates.inc";
qubit q;
rx(-2**2) q;
ry(2**3**2) q;
rz(2**-1) q;
rx(0.5**2*3) q;
ry(-0.5**-2.0) q;
