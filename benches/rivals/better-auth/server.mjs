// better-auth's api-key plugin behind node's own HTTP server: one process, PostgreSQL through `pg`,
// as its guide sets it up. Rate limits of keys are off (by default a key may be used ten times a
// day); each verification then reads the key's row and writes when it was last used.
//
//   node server.mjs DATABASE_URL FILE-FOR-KEYS HOW-MANY

import { createServer } from "node:http";
import { writeFileSync } from "node:fs";
import { apiKey } from "@better-auth/api-key";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import pg from "pg";

const [connectionString, file, count] = process.argv.slice(2);
const options = {
  baseURL: "http://127.0.0.1",
  secret: "0123456789abcdef0123456789abcdef",
  database: new pg.Pool({ connectionString, max: 10 }),
  emailAndPassword: { enabled: true },
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  plugins: [apiKey({ rateLimit: { enabled: false } })],
};
const migrations = await getMigrations(options);
await migrations.runMigrations();
const auth = betterAuth(options);

const { user } = await auth.api.signUpEmail({
  body: { name: "bench", email: "bench@example.com", password: "a long password" },
});
const keys = [];
for (let i = 0; i < Number(count); i++) {
  const made = await auth.api.createApiKey({ body: { name: "bench", userId: user.id } });
  keys.push(made.key);
}
writeFileSync(file, keys.join("\n") + "\n");

const server = createServer(async (request, response) => {
  try {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const { key } = JSON.parse(Buffer.concat(pieces).toString());
    const answer = await auth.api.verifyApiKey({ body: { key } });
    const body = JSON.stringify(answer);
    response.writeHead(answer.valid ? 200 : 401, {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(body),
    });
    response.end(body);
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
});
server.keepAliveTimeout = 75_000;
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
