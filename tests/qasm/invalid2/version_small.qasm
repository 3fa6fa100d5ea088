openqasm 2.0;
