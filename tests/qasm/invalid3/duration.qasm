OPENQASM 3.0;
duration a = 100ns;
