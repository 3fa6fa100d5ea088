// made by hand

// twice
OPENQASM 2.0;
qreg q[1];
