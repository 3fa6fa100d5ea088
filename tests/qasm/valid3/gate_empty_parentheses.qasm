OPENQASM 3.0;
include "stdgates.inc";
gate g() a { h() a; }
qubit q;
g() q;
x() q;
