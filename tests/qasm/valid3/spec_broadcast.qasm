OPENQASM 3.0;
qubit[3] q;
ctrl @ U(0.7, 0.3, 0.2) q[0:1], q[2];
