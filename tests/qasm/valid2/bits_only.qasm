OPENQASM 2.0;
creg c[3];
