#![no_main]

tml_fuzz::target!(tml_fuzz::targets::parser);
