"""Operations as code: one walk over a program, one printer a language. No mechanism is known here: what is written is what the steps say."""
