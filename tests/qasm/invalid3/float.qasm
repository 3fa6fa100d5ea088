OPENQASM 3.0;
float[64] n = 4.0;
