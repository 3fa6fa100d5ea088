OPENQASM 3.0;
return;
