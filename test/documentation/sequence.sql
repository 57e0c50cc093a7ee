-- page: sql-reference/sql/create-sequence
-- expect: START = "1"
-- expect: INCREMENT = "1"
CREATE OR REPLACE SEQUENCE seq_01 START = 1 INCREMENT = 1;

-- expect: START = "1"
-- expect: INCREMENT = "5"
CREATE OR REPLACE SEQUENCE seq_5 START = 1 INCREMENT = 5;

-- expect: START = null
CREATE OR REPLACE SEQUENCE seq90;

-- page: user-guide/querying-sequences
CREATE OR REPLACE SEQUENCE seq1;

CREATE OR REPLACE SEQUENCE people_seq;

CREATE OR REPLACE SEQUENCE contact_seq;
