OPENQASM 3.0;
output bit[2] c;
