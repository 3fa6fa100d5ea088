OPENQASM 3.0;
include "stdgates.inc";
x $99999999999999999999999;
