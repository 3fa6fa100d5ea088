OPENQASM 3.0;
input int[32] n;
