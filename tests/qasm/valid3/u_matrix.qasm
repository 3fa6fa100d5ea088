OPENQASM 3.0;
qubit[2] q;
U(0.7, 0.3, 0.2) q[0];
U(pi, 0, pi) q[1];
