OPENQASM 3.0;
gate g(t) a { gphase(-t/2); U(0, 0, t) a; }
qubit[2] q;
g(0.4) q[0];
ctrl @ g(0.7) q[0], q[1];
