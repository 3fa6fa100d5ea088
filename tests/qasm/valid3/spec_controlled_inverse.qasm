OPENQASM 3.0;
qubit[2] q;
inv @ ctrl @ U(0.7, 0.3, 0.2) q[0], q[1];
