OPENQASM 3.0;
include "stdgates.inc";
gate h a { U(pi/2, 0, pi) a; }
