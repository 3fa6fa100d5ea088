OPENQASM 3.0;
qubit q;
U(0.7, 0.3, 0.2) q;
