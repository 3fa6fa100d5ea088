OPENQASM 3.0;
include "stdgates.inc";
input float a;
gate g b { rx(a) b; }
