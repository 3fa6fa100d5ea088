OPENQASM 3.0;
include "stdgates.inc";
qubit q;
inv @ gphase(0.7);
inv @ ctrl @ gphase(0.3) q;
