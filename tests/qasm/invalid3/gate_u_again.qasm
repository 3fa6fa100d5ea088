OPENQASM 3.0;
gate U(a, b, c) q { }
