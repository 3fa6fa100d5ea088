OPENQASM 3.0;
uint[32] n;
