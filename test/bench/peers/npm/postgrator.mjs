// Postgrator is a library; this is the least that runs it: the folder of migrations, and PG* variables.
import pg from "pg";
import Postgrator from "postgrator";

const client = new pg.Client();
await client.connect();
const postgrator = new Postgrator({
  migrationPattern: `${process.argv[2]}/*`,
  driver: "pg",
  database: process.env.PGDATABASE,
  execQuery: (query) => client.query(query),
});
await postgrator.migrate();
await client.end();
