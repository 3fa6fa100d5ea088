OPENQASM 3.0;
include "stdgates.inc";
input float a = 1.0;
