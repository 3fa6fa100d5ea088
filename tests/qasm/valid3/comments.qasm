OPENQASM 3.0;
include "stdgates.inc";
/* a * b ** c /* */ qubit[2] q; // h q[0];
x /* between */ q[0]; /**/ /***/ /* // */ z q[1]; //