OPENQASM 3.0;
array[int[32], 5] a;
