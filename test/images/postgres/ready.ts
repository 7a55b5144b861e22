// Exits with 0 when the server accepts connections, like pg_isready: node ready.ts [PORT]
import { connect } from "node:net";

const protocolVersion = 3 << 16;
const parameters = Buffer.from("user\0postgres\0database\0postgres\0\0");
const startup = Buffer.alloc(8 + parameters.length);
startup.writeInt32BE(startup.length, 0);
startup.writeInt32BE(protocolVersion, 4);
parameters.copy(startup, 8);

process.exitCode = 1;
const socket = connect({ host: "127.0.0.1", port: Number(process.argv[2] ?? 5432) }, () => socket.write(startup));
socket.setTimeout(2000, () => socket.destroy());
socket.on("error", () => socket.destroy());
socket.once("data", (answer) => {
  // "R" asks for the password: the server is up. "E" refuses: it is starting, recovering or shutting down.
  if (answer.toString("latin1", 0, 1) === "R") process.exitCode = 0;
  socket.destroy();
});
