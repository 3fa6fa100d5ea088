OPENQASM 3.0;
qubit[2] q;
ctrl @ U(0.7, 0.3, 0.2) q[1], q[0];
