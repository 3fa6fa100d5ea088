OPENQASM 3.0;
defcalgrammar "openpulse";
