import { createServer } from "node:http";

const server = createServer((_, response) => response.end("ready\n"));
server.listen(8080, () => console.log("listening"));
process.once("SIGTERM", () => server.close());
