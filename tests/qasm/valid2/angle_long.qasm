OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
rx(1+2-3*4/5+6^2-7*8/9+(1-(2-(3-(4-5))))) q[0];
rx(pi/2+pi/4+pi/8+pi/16+pi/32) q[0];
