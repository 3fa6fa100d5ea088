OPENQASM 2.0;
gate h a { U(0.1,0.2,0.3) a; }
qreg q[1];
h q[0];
