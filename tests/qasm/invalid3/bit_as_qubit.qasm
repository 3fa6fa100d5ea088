OPENQASM 3.0;
include "stdgates.inc";
qubit q;
bit[2] q;
