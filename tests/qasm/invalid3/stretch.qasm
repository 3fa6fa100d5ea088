OPENQASM 3.0;
stretch a;
