OPENQASM 2.0;
include "qelib1.inc";
gate swap a,b { cx a,b; cx b,a; cx a,b; }
qreg q[3];
swap q[0],q[2];
h q[0];
cu1(-1.5707963267948966) q[0],q[1];
h q[1];
cu1(-0.7853981633974483) q[0],q[2];
cu1(-1.5707963267948966) q[1],q[2];
h q[2];
