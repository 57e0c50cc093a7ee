CREATE STAGE LANDING URL = 's3://acme-lake/landing/';
