OPENQASM 3.0;
gate x a { U(pi, 0, pi) a; }
gate cx a, b { ctrl @ x a, b; }
qubit[2] q;
x q[0];
cx q[0], q[1];
