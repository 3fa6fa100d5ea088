OPENQASM 3.0;
gate k(t) a { U(t, 0, pi) a; }
qubit[2] q;
k(0.4) q[0];
ctrl @ k(0.6) q[0], q[1];
