OPENQASM 3.0;
input bit b;
