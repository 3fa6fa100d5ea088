OPENQASM 3.0;
gate ry(t) a { gphase(-t/2); U(t, 0, 0) a; }
qubit[2] q;
ctrl @ ry(0.7) q[0], q[1];
