OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
ctrl @ gphase(0.7) q;
