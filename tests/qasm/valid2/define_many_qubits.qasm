OPENQASM 2.0;
include "qelib1.inc";
gate w a0,a1,a2,a3,a4,a5,a6,a7,a8,a9,a10,a11 { cx a0,a1; cx a1,a2; cx a2,a3; cx a3,a4; cx a4,a5; cx a5,a6; cx a6,a7; cx a7,a8; cx a8,a9; cx a9,a10; cx a10,a11; }
qreg q[12];
w q[0],q[1],q[2],q[3],q[4],q[5],q[6],q[7],q[8],q[9],q[10],q[11];
