OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
switch (1) { case 1 { } }
