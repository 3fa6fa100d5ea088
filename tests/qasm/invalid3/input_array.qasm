OPENQASM 3.0;
input array[float[64], 4] w;
