OPENQASM 3.0;
gate h a { U(pi/2, 0, pi) a; }
gate rz(t) a { gphase(-t/2); U(0, 0, t) a; }
gate cx a, b { ctrl @ U(pi, 0, pi) a, b; }
qubit[2] q;
h q;
rz(0.3) q[1];
cx q[0], q[1];
