qreg q[2];
U(0,0,pi) q[0];
CX q[0],q[1];
