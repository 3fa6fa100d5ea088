OPENQASM 3.0;
#pragma braket result state_vector
