OPENQASM 3.0;
pragma vendor thing
