CREATE STAGE LANDING URL = 's3://acme-lake/arrivals/';
