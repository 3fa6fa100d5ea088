OPENQASM 3.0;
gate h a { U(pi/2, 0, pi) a; }
include "stdgates.inc";
