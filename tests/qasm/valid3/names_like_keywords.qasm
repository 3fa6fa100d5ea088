OPENQASM 3.0;
include "stdgates.inc";
qubit[2] gates;
qubit inputs;
bit measured;
x gates[0];
h inputs;
measured = measure inputs;
