OPENQASM 3.0;
include "stdgates.inc";
input float[0] a;
