OPENQASM 3.0;
include "stdgates.inc";
x $1000000;
