OPENQASM 3.0;
qubit x;
include "stdgates.inc";
