OPENQASM 3.0;
qubit[2] q;
ctrl @ U(7.7, -9.3, 12.2) q[1], q[0];
