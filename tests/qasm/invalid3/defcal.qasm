OPENQASM 3.0;
defcal x $0 { play(d0, 3.0); }
