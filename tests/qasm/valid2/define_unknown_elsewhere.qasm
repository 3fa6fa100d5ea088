OPENQASM 2.0;
include "qelib1.inc";
gate ryy(t) a,b { rx(pi/2) a; rx(pi/2) b; cx a,b; rz(t) b; cx a,b; rx(-pi/2) a; rx(-pi/2) b; }
gate iswap a,b { s a; s b; h a; cx a,b; cx b,a; h b; }
gate rzx(t) a,b { h b; cx a,b; rz(t) b; cx a,b; h b; }
gate ecr a,b { rzx(pi/4) a,b; x a; rzx(-pi/4) a,b; }
qreg q[2];
ryy(0.4) q[0],q[1];
iswap q[0],q[1];
ecr q[1],q[0];
