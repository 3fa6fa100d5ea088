OPENQASM 2.0;
include "stdgates.inc";
