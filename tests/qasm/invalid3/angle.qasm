OPENQASM 3.0;
angle[32] a = pi;
