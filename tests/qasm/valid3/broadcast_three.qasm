OPENQASM 3.0;
include "stdgates.inc";
qubit[2] a;
qubit b;
qubit[2] c;
h a;
h b;
ccx a, b, c;
