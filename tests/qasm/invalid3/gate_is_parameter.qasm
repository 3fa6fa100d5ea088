OPENQASM 3.0;
include "stdgates.inc";
gate g(h) a { h a; }
