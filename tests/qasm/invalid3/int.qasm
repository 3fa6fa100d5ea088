OPENQASM 3.0;
int[32] n = 4;
