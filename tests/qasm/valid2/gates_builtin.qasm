OPENQASM 2.0;
qreg q[2];
U(0.1,0.2,0.3) q[0];
CX q[1],q[0];
