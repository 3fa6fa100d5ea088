OPENQASM 2.0;
include "qelib1.inc";
gate mcphase(param0) q0,q1,q2 { cp(pi/4) q1,q2; cx q1,q0; cp(-pi/4) q0,q2; cx q1,q0; cp(pi/4) q0,q2; }
gate unitary q0 { u(1.2,0.4,-pi/4) q0; }
gate unitary_140203 q0,q1 { u(pi/2,0,pi) q0; cx q0,q1; }
gate gate_QFT_dg q0,q1 { h q0; cp(-pi/2) q0,q1; h q1; swap q0,q1; }
qreg q[3];
creg meas[3];
mcphase(pi/4) q[0],q[1],q[2];
unitary q[0];
unitary_140203 q[0],q[1];
gate_QFT_dg q[1],q[2];
rzz(1.0e-07) q[0],q[1];
sx q[2];
barrier q[0],q[1],q[2];
measure q[0] -> meas[0];
measure q[1] -> meas[1];
measure q[2] -> meas[2];
