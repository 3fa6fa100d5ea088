OPENQASM 3.0;
include "stdgates.inc";
qubit q;
qubit[2] q;
