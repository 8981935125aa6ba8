-- The database roles of the site. Run once, as a superuser, in the site's database:
--
--     OWNER_PASSWORD=… SITE_PASSWORD=… psql --dbname=lockstep --file=deploy/postgres/roles.sql
--
-- The owner migrates. The site reads and writes rows, and cannot change tables, disable triggers or
-- create tables, not even temporary ones. This protects the security events: docs/audit.md.
\set ON_ERROR_STOP on
\set owner lockstep_owner
\set site lockstep
\getenv owner_password OWNER_PASSWORD
\getenv site_password SITE_PASSWORD

CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password';
CREATE ROLE :"site" LOGIN PASSWORD :'site_password';

ALTER DATABASE :"DBNAME" OWNER TO :"owner";
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO :"site";

ALTER SCHEMA public OWNER TO :"owner";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"site";

-- For all tables that the owner will create. TRUNCATE, REFERENCES and TRIGGER stay with the owner.
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"site";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO :"site";
