OPENQASM 3.0;
const int n = 4;
qubit[n] q;
