OPENQASM 2.0;
include "qelib1.inc";
gate cH a,b { h b; sdg b; cx a,b; h b; t b; cx a,b; t b; h b; s b; x b; s a; }
qreg q[2];
cH q[0],q[1];
