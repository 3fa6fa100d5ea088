OPENQASM 2.0;
include "qelib1.inc";

qreg node[2];
creg c[2];
rz(0.25*pi) node[0];
u3(0.5*pi,3.5*pi,0.5*pi) node[1];
cx node[0],node[1];
barrier node[0],node[1];
measure node[0] -> c[0];
measure node[1] -> c[1];
