OPENQASM 02.00 ;
qreg q[1];
