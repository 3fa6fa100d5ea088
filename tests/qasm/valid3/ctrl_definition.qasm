OPENQASM 3.0;
include "stdgates.inc";
gate g(t) a, b { rx(t) a; crz(t/2) a, b; gphase(t/3); }
qubit[3] q;
h q;
ctrl @ g(0.7) q[0], q[1], q[2];
