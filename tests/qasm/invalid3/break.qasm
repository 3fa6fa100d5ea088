OPENQASM 3.0;
break;
