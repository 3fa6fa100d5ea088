OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
h q[0];
  if (c == 1) h q[0]; else x q[0];
